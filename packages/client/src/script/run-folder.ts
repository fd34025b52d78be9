import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { BatchSpool, type SpoolOptions } from '../spool/batch-spool.js';

/** What another process needs to go on with a run. The token is a secret: only the owner may read the file. */
export interface RunTicket {
	readonly url: string;
	readonly runId: string;
	readonly token: string;
}

/** A run's place on disk: its ticket, and a spool for each kind of what it sends. */
export interface RunFolder {
	readonly ticket: RunTicket;
	spool(kind: 'metrics' | 'lines' | 'events'): BatchSpool;
	/** Lets another process take it. */
	close(): void;
	/** The run has ended and everything of it is stored. */
	remove(): void;
}

const TICKET = 'run.json';
const LOCK = 'lock';

export function makeRunFolder(spoolDir: string, ticket: RunTicket, options: SpoolOptions): RunFolder {
	const folder = path.join(spoolDir, ticket.runId);
	mkdirSync(folder, { recursive: true, mode: 0o700 });
	writeFileSync(path.join(folder, TICKET), JSON.stringify(ticket), { mode: 0o600 });
	return take(folder, ticket, options);
}

/**
 * The folder that an earlier process left. Without an id there has to be exactly one.
 * @throws GraftError CONFIGURATION where there is none, or a living process has it.
 */
export function openRunFolder(spoolDir: string, runId: string | null, options: SpoolOptions): RunFolder {
	const there = runsIn(spoolDir);
	const wanted = runId ?? (there.length === 1 ? there[0] : undefined);
	if (wanted === undefined || !there.includes(wanted)) {
		const which = there.length === 0 ? 'there is none' : `there are ${there.join(', ')}`;
		const asked = runId === null ? 'Name the run to go on with' : `There is no run ${runId} to go on with`;
		throw new GraftError('CONFIGURATION', `${asked}: in ${spoolDir} ${which}.`);
	}
	const folder = path.join(spoolDir, wanted);
	return take(folder, JSON.parse(readFileSync(path.join(folder, TICKET), 'utf8')) as RunTicket, options);
}

function runsIn(spoolDir: string): string[] {
	try {
		return readdirSync(spoolDir).sort();
	} catch {
		return [];
	}
}

function take(folder: string, ticket: RunTicket, options: SpoolOptions): RunFolder {
	lock(path.join(folder, LOCK));
	const spools: BatchSpool[] = [];
	const close = () => {
		for (const spool of spools.splice(0)) spool.close();
		rmSync(path.join(folder, LOCK), { force: true });
	};
	return {
		ticket,
		spool(kind) {
			const spool = new BatchSpool(path.join(folder, kind), options);
			spools.push(spool);
			return spool;
		},
		close,
		remove() {
			close();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** Holds the number of the process. A lock whose process is gone is nobody's. */
function lock(file: string): void {
	for (;;) {
		try {
			writeFileSync(file, String(process.pid), { flag: 'wx' });
			return;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
		const holder = Number(readFileSync(file, 'utf8'));
		if (holder !== process.pid && isAlive(holder))
			throw new GraftError('CONFIGURATION', `Process ${holder} is writing this run. If it is not, remove ${file}.`);
		rmSync(file, { force: true });
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
