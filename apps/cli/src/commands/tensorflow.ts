import { spawn } from 'node:child_process';
import path from 'node:path';
import type { Command } from 'commander';
import { childEnv, readEnv } from '../env.js';
import { defaultDataDir, PROGRAMS } from '../platform/paths.js';

interface LinkFlags {
	readonly python: string;
	readonly gpu?: boolean;
	readonly data?: string;
	readonly json?: boolean;
}

const ABOUT = `
Builds TensorFlow.js' native addon against the TensorFlow of a Python installation, checks it with a training step and
keeps it in the data directory; trainers that start later use it. Needs g++, make and Node 20 or 22, on Linux.

Examples:
  python3 -m venv ~/tf && ~/tf/bin/pip install tensorflow
  graft tensorflow link --python ~/tf/bin/python3
  graft tensorflow link --python ~/tf/bin/python3 --gpu     with tensorflow[and-cuda]: refuse what finds no GPU
`;

export function addTensorFlow(program: Command): void {
	const tensorflow = program.command('tensorflow').description("Native TensorFlow for this machine's trainers.");
	tensorflow
		.command('link')
		.description('Build it from a Python installation that has TensorFlow.')
		.option('--python <python>', 'the Python to ask', 'python3')
		.option('--gpu', 'refuse a TensorFlow that does not compute on a GPU')
		.option('--data <dir>', 'data directory of the trainers (default: .graft in the checkout)')
		.option('--json', 'print what was linked as JSON')
		.addHelpText('after', ABOUT)
		.exitOverride()
		.action(link);
}

/** The trainer program does it, for it alone knows TensorFlow; its progress is what there is to see. */
async function link(flags: LinkFlags): Promise<void> {
	const dataDir = path.resolve(flags.data ?? readEnv().dataDir ?? defaultDataDir());
	const args = ['tensorflow-link', '--python', flags.python, ...(flags.gpu ? ['--gpu'] : [])];
	const child = spawn(process.execPath, [PROGRAMS.trainer, ...args, ...(flags.json ? ['--json'] : [])], {
		env: childEnv({ GRAFT_DATA_DIR: dataDir }),
		stdio: 'inherit',
	});
	process.exitCode = await new Promise<number>((resolve) => {
		child.once('error', () => resolve(1));
		child.once('exit', (code) => resolve(code ?? 1));
	});
}
