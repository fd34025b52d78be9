import { spawn } from 'node:child_process';
import path from 'node:path';
import { type Command, Option } from 'commander';
import { childEnv, readEnv } from '../env.js';
import { parsePositive } from '../launch/launch-flags.js';
import { defaultDataDir, PROGRAMS } from '../platform/paths.js';
import { resolveApi } from './platform-flags.js';

interface TrainerFlags {
	readonly api?: string;
	readonly name?: string;
	readonly backend?: string;
	readonly data?: string;
	readonly label?: readonly string[];
	readonly slots?: number;
}

export function addTrainer(program: Command): void {
	program
		.command('trainer')
		.description('Start one trainer against a platform, here or on another machine, until Ctrl-C.')
		.option('--api <url>', 'address of the API (default: http://127.0.0.1:4620)')
		.option('--name <name>', 'name of the worker (default: host and process)')
		.addOption(
			new Option('--backend <name>', 'where to compute').choices([
				'auto',
				'tensorflow-gpu',
				'webgpu',
				'tensorflow',
				'wasm',
			]),
		)
		.option('--label <key=value>', 'label that runs may ask for, such as gpu=a100; repeatable', collect)
		.option('--slots <n>', 'runs at once, each in a process of its own (default: 1)', parsePositive)
		.option('--data <dir>', 'where it keeps weights (default: .graft in the checkout)')
		.addHelpText('after', '\nExample:\n  graft trainer --api http://gpu-desk:4620 --name a100-2\n')
		.action(trainer);
}

const collect = (text: string, before: readonly string[] = []): string[] => [...before, text];

/** The trainer takes over the terminal: its log is what there is to see, and Ctrl-C makes it hand back its run. */
async function trainer(flags: TrainerFlags): Promise<void> {
	const env = readEnv();
	const child = spawn(process.execPath, [PROGRAMS.trainer], {
		env: childEnv({
			GRAFT_API_URL: resolveApi(flags.api),
			GRAFT_DATA_DIR: path.resolve(flags.data ?? env.dataDir ?? defaultDataDir()),
			...(flags.name ? { GRAFT_WORKER_NAME: flags.name } : {}),
			...(flags.backend ? { GRAFT_BACKEND: flags.backend } : {}),
			...(flags.slots ? { GRAFT_SLOTS: String(flags.slots) } : {}),
			...(flags.label ? { GRAFT_WORKER_LABELS: flags.label.join(',') } : {}),
		}),
		stdio: 'inherit',
	});
	// Ctrl-C reaches the child by itself; a plain kill of ours is passed on.
	process.on('SIGINT', () => undefined);
	process.on('SIGTERM', () => child.kill('SIGTERM'));
	process.exitCode = await new Promise<number>((resolve) => {
		child.once('error', () => resolve(1));
		child.once('exit', (code) => resolve(code ?? 1));
	});
}
