import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The lines of postmaster.pid that matter here. Its layout is fixed in PostgreSQL's pidfile.h. */
export interface LockFile {
	readonly pid: number;
	readonly dataDir: string;
	readonly port: number | null;
	readonly ready: boolean;
}

/** The lock file of a data folder, or null where there is none or it is only half written. */
export async function readLockFile(cluster: string): Promise<LockFile | null> {
	const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => '');
	return parseLockFile(text);
}

export function parseLockFile(text: string): LockFile | null {
	const lines = text.split('\n').map((line) => line.trim());
	const pid = Number.parseInt(lines[0] ?? '', 10);
	const dataDir = lines[1];
	if (!(pid > 0) || !dataDir) return null;
	const port = Number.parseInt(lines[3] ?? '', 10);
	return { pid, dataDir, port: port > 0 ? port : null, ready: lines[7] === 'ready' };
}

/**
 * What a process number stands for. A killed postmaster may stay as a zombie until its parent reaps it, and PostgreSQL
 * takes a zombie for a living server; after a restart of the machine the number may be another program's.
 */
export type ProcessState = 'postgres' | 'zombie' | 'other' | 'gone';

export function processState(pid: number): ProcessState {
	try {
		process.kill(pid, 0);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'gone';
	}
	const { name, zombie } = process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
	if (name === null) return 'gone';
	if (zombie) return 'zombie';
	return name.includes('postgres') ? 'postgres' : 'other';
}

interface Described {
	readonly name: string | null;
	readonly zombie: boolean;
}

function fromProc(pid: number): Described {
	try {
		const status = readFileSync(`/proc/${pid}/status`, 'utf8');
		return { name: /^Name:\s*(.*)$/m.exec(status)?.[1] ?? '', zombie: /^State:\s*[ZX]/m.test(status) };
	} catch {
		return { name: null, zombie: false };
	}
}

function fromPs(pid: number): Described {
	try {
		const line = execFileSync('ps', ['-o', 'state=,comm=', '-p', String(pid)], { encoding: 'utf8' }).trim();
		return { name: line || null, zombie: line.startsWith('Z') };
	} catch {
		return { name: null, zombie: false };
	}
}
