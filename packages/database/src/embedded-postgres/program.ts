import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { GraftError } from '@graft/domain/error';
import { commandAs, type Identity } from './identity.js';

export interface ProgramResult {
	readonly code: number | null;
	readonly output: string;
}

/** Runs one of PostgreSQL's programs to its end. Waits for its exit, not for its pipes: pg_ctl leaves a server behind. */
export function runProgram(identity: Identity, program: string, args: readonly string[]): Promise<ProgramResult> {
	const { command, args: all, options } = commandAs(identity, program, args);
	return new Promise((resolve) => {
		// LC_ALL: the texts are matched below, and initdb must not depend on the locales of the host.
		const env = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };
		const child = spawn(command, all, { ...options, env, stdio: ['ignore', 'pipe', 'pipe'] });
		let output = '';
		const keep = (chunk: Buffer) => {
			output = (output + chunk.toString()).slice(-20_000);
		};
		child.stdout.on('data', keep);
		child.stderr.on('data', keep);
		child.on('error', (error) => resolve({ code: null, output: `${output}${error.message}` }));
		child.on('exit', (code) =>
			setImmediate(() => {
				child.stdout.destroy();
				child.stderr.destroy();
				resolve({ code, output });
			}),
		);
	});
}

/** The end of a file, for a message; empty where it cannot be read. */
export async function tailOf(path: string, bytes = 3_000): Promise<string> {
	try {
		const file = await open(path, 'r');
		try {
			const { size } = await file.stat();
			const length = Math.min(size, bytes);
			const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
			return buffer.toString('utf8');
		} finally {
			await file.close();
		}
	} catch {
		return '';
	}
}

/** One message for a person: what failed, where, and what to do. */
export function launchError(what: string, where: string, text: string, cause?: unknown): GraftError {
	const said = text.trim().split('\n').slice(-6).join('\n  ');
	return new GraftError(
		'UNAVAILABLE',
		`${what} in ${where}. ${adviceFor(text)}${said ? `\n  ${said}` : ''}`,
		{ where },
		{ cause },
	);
}

function adviceFor(text: string): string {
	if (/No space left on device|Check free disk space|ENOSPC|EDQUOT/.test(text))
		return 'The disk is full: free some space and start again.';
	if (/Read-only file system|EROFS/.test(text))
		return 'The disk is read-only: choose another folder with GRAFT_DATA_DIR.';
	if (/Permission denied|EACCES|EPERM|Operation not permitted|wrong ownership/.test(text))
		return 'This user may not use the folder: choose another one with GRAFT_DATA_DIR, or change its owner.';
	if (/incompatible with (this version|server)|database files are incompatible/.test(text))
		return 'The data are of another major version of PostgreSQL: choose another folder with GRAFT_DATA_DIR, or start with the version that wrote them.';
	if (/cannot open shared object file|GLIBC|dyld|symbol lookup/.test(text))
		return "PostgreSQL's programs do not run on this system: name a running PostgreSQL in DATABASE_URL.";
	return 'Its own words follow; another PostgreSQL can be named in DATABASE_URL.';
}
