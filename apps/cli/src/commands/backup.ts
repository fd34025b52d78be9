import { spawn } from 'node:child_process';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import type { Command } from 'commander';
import { childEnv, readEnv } from '../env.js';
import { defaultDataDir, PROGRAMS } from '../platform/paths.js';
import { tell } from '../terminal/output.js';

interface CopyFlags {
	readonly data?: string;
}

export function addBackup(program: Command): void {
	program
		.command('backup')
		.argument('<file>', 'where to write it, such as graft-monday.tar')
		.description(
			'Write the database and all artifacts, as they are at this moment, into one file. Graft may run meanwhile.',
		)
		.option('--data <dir>', 'data of the platform (default: .graft in the checkout; DATABASE_URL counts too)')
		.action((file: string, flags: CopyFlags) => copy('backup', file, flags));
	program
		.command('restore')
		.argument('<file>', 'a file that `graft backup` has written')
		.description('Bring a backup into an empty platform of the same version.')
		.option('--data <dir>', 'data of the empty platform (default: .graft in the checkout; DATABASE_URL counts too)')
		.addHelpText('after', '\nExample:\n  graft backup monday.tar && graft restore monday.tar --data /srv/graft-copy\n')
		.action((file: string, flags: CopyFlags) => copy('restore', file, flags));
}

/** The API's program does it, which knows the database; a server that runs on the folder already is used. */
async function copy(command: 'backup' | 'restore', file: string, flags: CopyFlags): Promise<void> {
	const env = readEnv();
	const child = spawn(process.execPath, [PROGRAMS.api, command, path.resolve(file)], {
		env: childEnv({
			GRAFT_DATA_DIR: path.resolve(flags.data ?? env.dataDir ?? defaultDataDir()),
			GRAFT_LOG_LEVEL: 'error',
		}),
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	const [out, err, code] = await Promise.all([
		textOf(child.stdout),
		textOf(child.stderr),
		new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve)),
	]);
	if (code !== 0) throw new GraftError('UNAVAILABLE', err.trim() || `The ${command} ended with ${code}.`);
	const { rows, files, bytes } = JSON.parse(out) as { rows: number; files: number; bytes: number };
	const megabytes = (bytes / 1e6).toFixed(1);
	const done = command === 'backup' ? `Wrote ${path.resolve(file)}` : 'Restored';
	tell(`${done}: ${rows} rows and ${files} files of ${megabytes} MB.`);
}

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
	let text = '';
	for await (const chunk of stream.setEncoding('utf8')) text += chunk;
	return text;
}
