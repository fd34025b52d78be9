import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';

/** What the lock file says about the platform that runs on a data directory. */
export interface LockInfo {
	readonly pid: number;
	readonly apiUrl: string;
	readonly dashboardUrl: string;
}
interface LockContent extends LockInfo {
	readonly nonce: string;
	/** The holder answers here with the nonce while it lives. A pid alone may be another program's by now. */
	readonly livenessPort: number;
}

export interface Lock {
	release(): Promise<void>;
}

const LIVENESS_TIMEOUT_MS = 1_000;
const lockFile = (dataDir: string) => path.join(dataDir, 'graft.lock');

/**
 * Takes the data directory for this process. A lock whose holder is gone is taken over.
 * @throws GraftError CONFIGURATION naming the address and the pid of the platform that runs there, UNAVAILABLE where
 * nothing can be written.
 */
export async function takeLock(dataDir: string, info: Omit<LockInfo, 'pid'>): Promise<Lock> {
	const nonce = randomUUID();
	const server = await answerWith(nonce);
	const { port } = server.address() as { port: number };
	const content: LockContent = { pid: process.pid, ...info, nonce, livenessPort: port };
	const file = lockFile(dataDir);
	const draft = `${file}.${nonce}`;
	try {
		await writeDraft(dataDir, draft, JSON.stringify(content));
		while (!(await linked(draft, file))) {
			const holder = await readLock(file);
			if (holder !== null && (await lives(holder))) {
				const message = `Graft is already running at ${holder.dashboardUrl} (pid ${holder.pid}, data in ${dataDir}). Stop it with Ctrl-C where it runs, or start another one with --data DIR and --port N.`;
				throw new GraftError('CONFIGURATION', message, { pid: holder.pid });
			}
			await removeStale(file, holder?.nonce ?? null);
		}
	} catch (error) {
		server.close();
		throw error;
	} finally {
		await rm(draft, { force: true }).catch(() => undefined);
	}
	return {
		async release() {
			if ((await readLock(file))?.nonce === nonce) await rm(file, { force: true });
			server.close();
		},
	};
}

/** The platform that runs on a data directory, or null. */
export async function runningPlatform(dataDir: string): Promise<LockInfo | null> {
	const holder = await readLock(lockFile(dataDir));
	return holder !== null && (await lives(holder)) ? holder : null;
}

async function writeDraft(dataDir: string, draft: string, text: string): Promise<void> {
	try {
		await mkdir(dataDir, { recursive: true });
		await writeFile(draft, text);
	} catch (cause) {
		const why = cause instanceof Error ? cause.message : String(cause);
		const message = `The data directory ${dataDir} cannot be used (${why}). Choose another one with --data DIR.`;
		throw new GraftError('UNAVAILABLE', message, { dataDir }, { cause });
	}
}

/** A hard link is made or not made, atomically: of two starters one wins. */
async function linked(from: string, to: string): Promise<boolean> {
	try {
		await link(from, to);
		return true;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
		throw error;
	}
}

async function readLock(file: string): Promise<LockContent | null> {
	try {
		return JSON.parse(await readFile(file, 'utf8')) as LockContent;
	} catch {
		return null;
	}
}

/** Moves the file away before looking at it again: another starter may have replaced it in the meantime. */
async function removeStale(file: string, nonce: string | null): Promise<void> {
	const aside = `${file}.stale-${randomUUID()}`;
	await rename(file, aside).catch(() => undefined);
	const moved = await readLock(aside);
	if (moved !== null && moved.nonce !== nonce) await linked(aside, file);
	await rm(aside, { force: true });
}

async function answerWith(nonce: string): Promise<Server> {
	const server = createServer((socket) => {
		socket.on('error', () => undefined);
		socket.end(nonce);
	});
	server.unref();
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	return server;
}

function lives(holder: LockContent): Promise<boolean> {
	return new Promise((resolve) => {
		let heard = '';
		const socket = connect({ host: '127.0.0.1', port: holder.livenessPort });
		socket.setTimeout(LIVENESS_TIMEOUT_MS);
		// It takes connections but says nothing: a stopped process (Ctrl-Z) holds its lock.
		socket.once('timeout', () => done(heard === ''));
		socket.once('error', () => done(false));
		socket.on('data', (data) => {
			heard += String(data);
		});
		socket.once('end', () => done(heard === holder.nonce));
		function done(answer: boolean) {
			socket.destroy();
			resolve(answer);
		}
	});
}
