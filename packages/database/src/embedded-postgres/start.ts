import { existsSync } from 'node:fs';
import { readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { GraftError } from '@graft/domain/error';
import { sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';
import { findBinaries, type PostgresBinaries } from './binaries.js';
import { ensureCluster, PASSWORD_FILE, SUPERUSER } from './create-cluster.js';
import { ensureDatabase } from './ensure-database.js';
import { hasUsers } from './has-users.js';
import { chooseIdentity, type Identity } from './identity.js';
import { processState, readLockFile } from './lock-file.js';
import { launchError, runProgram, tailOf } from './program.js';

export interface EmbeddedPostgres {
	readonly url: string;
	/** False: the server ran already, started by another process. */
	readonly started: boolean;
	/**
	 * Stops the server when this call started it. One that was found running is stopped when nobody else uses it any more:
	 * whoever started it was killed.
	 */
	stop(): Promise<void>;
}

export interface StartEmbeddedPostgres {
	/** Graft's data folder. PostgreSQL's own is `postgres` in it, its log `postgres.log`. */
	readonly dataDir: string;
	readonly logger: Logger;
	/** Extra `name=value` settings of the server. */
	readonly settings?: readonly string[];
}

const DATABASE = 'graft';
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 30_000;
const POLL_MS = 20;
const LOG_BYTES_KEPT = 10_000_000;

/**
 * Starts the PostgreSQL that npm installed, or finds the one that runs on this data folder. Loopback only, no root, no
 * Docker. The server is a daemon of its own session: Ctrl-C in a terminal does not reach it before its users are done.
 * @throws GraftError UNAVAILABLE with what to do.
 */
export async function startEmbeddedPostgres(options: StartEmbeddedPostgres): Promise<EmbeddedPostgres> {
	const dataDir = resolve(options.dataDir);
	const cluster = join(dataDir, 'postgres');
	const binaries = await findBinaries();
	const identity = chooseIdentity(binaries.postgres);
	const created = await ensureCluster(cluster, binaries, identity);
	if (created) options.logger.info({ cluster }, 'made a new PostgreSQL data folder');

	const { port, pid, started } = await reach({
		cluster,
		dataDir,
		binaries,
		identity,
		settings: options.settings ?? [],
	});
	const password = await readFile(join(cluster, PASSWORD_FILE), 'utf8').catch((error: Error) => {
		throw launchError('The password of the database could not be read', cluster, error.message, error);
	});
	const urlOf = (database: string) => `postgres://${SUPERUSER}:${password.trim()}@127.0.0.1:${port}/${database}`;
	await ensureDatabase(urlOf('postgres'), DATABASE);
	options.logger.info({ port, pid, started }, started ? 'PostgreSQL started' : 'PostgreSQL was running already');
	const stop = async () => {
		if (started || !(await hasUsers(urlOf('postgres')))) await stopServer(cluster, pid);
	};
	return { url: urlOf(DATABASE), started, stop };
}

interface Launch {
	readonly cluster: string;
	readonly dataDir: string;
	readonly binaries: PostgresBinaries;
	readonly identity: Identity;
	readonly settings: readonly string[];
}

/** Looks at the lock file until a server is ready, and starts one whenever there is none. */
async function reach(launch: Launch): Promise<{ port: number; pid: number; started: boolean }> {
	const deadline = Date.now() + READY_WITHIN_MS;
	let starts = 0;
	for (let tries = 0; ; tries++) {
		const lock = await readLockFile(launch.cluster);
		const state = lock === null ? 'gone' : processState(lock.pid);
		if (lock !== null && state === 'postgres') {
			await refuseForeign(lock.dataDir, lock.pid, launch.cluster);
			if (lock.ready && lock.port !== null) return { port: lock.port, pid: lock.pid, started: starts > 0 };
		}
		// The number in a stale lock file is another program's by now: PostgreSQL would take that for a running server.
		if (lock !== null && state === 'other') await rm(join(launch.cluster, 'postmaster.pid'), { force: true });
		const vacant = state === 'gone' || state === 'other';
		if (vacant) {
			const failure = await startServer(launch);
			if (failure === null) starts += 1;
			// Another process may have started it in the meantime, or the port was taken between choosing and binding.
			else if (!isPassing(failure) || (tries > 20 && !isStillInUse(failure)))
				throw launchError('PostgreSQL did not start', launch.cluster, failure);
		}
		if (Date.now() > deadline) {
			const pid = lock?.pid ?? 'none';
			throw launchError(
				`PostgreSQL was not ready after ${READY_WITHIN_MS / 1000} s (process ${pid}: ${state})`,
				launch.cluster,
				await tailOf(join(launch.dataDir, 'postgres.log')),
			);
		}
		await sleep(POLL_MS);
	}
}

/** A session of a server that was killed ends when it next looks up from its work: until then its memory is in use. */
const isStillInUse = (failure: string): boolean => /pre-existing shared memory block/.test(failure);
const isPassing = (failure: string): boolean =>
	/lock file|Address already in use|could not bind/.test(failure) || isStillInUse(failure);

async function refuseForeign(lockedDir: string, pid: number, cluster: string): Promise<void> {
	if (resolve(lockedDir) === (await realpath(cluster)) || resolve(lockedDir) === cluster) return;
	throw new GraftError(
		'UNAVAILABLE',
		`${join(cluster, 'postmaster.pid')} names the server ${pid}, which works on ${lockedDir}. If ${cluster} is a copy, delete that file and start again; if the folder was moved, stop the server first.`,
	);
}

/** Null, or what the server said instead of starting. */
async function startServer({ cluster, dataDir, binaries, identity, settings }: Launch): Promise<string | null> {
	const log = identity.kind === 'user' ? join(cluster, 'postgres.log') : join(dataDir, 'postgres.log');
	await rotate(log);
	const from = existsSync(log) ? (await stat(log)).size : 0;
	const given = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'log_checkpoints=off', ...settings];
	const options = [`-p ${await freePort()}`, ...given.map((setting) => `-c ${setting}`)].join(' ');
	const args = ['start', '-w', '-t', '30', '-D', cluster, '-l', log, '-o', options];
	const { code, output } = await runProgram(identity, binaries.pgCtl, args);
	if (code === 0) return null;
	const { size } = await stat(log).catch(() => ({ size: from }));
	return `${output}\n${await tailOf(log, Math.max(size - from, 0))}`;
}

async function rotate(log: string): Promise<void> {
	const { size } = await stat(log).catch(() => ({ size: 0 }));
	if (size > LOG_BYTES_KEPT) await rename(log, `${log}.1`);
}

function freePort(): Promise<number> {
	return new Promise((done, failed) => {
		const probe = createServer();
		probe.once('error', failed);
		probe.listen(0, '127.0.0.1', () => {
			const address = probe.address();
			probe.close(() =>
				address !== null && typeof address === 'object' ? done(address.port) : failed(new Error('no port')),
			);
		});
	});
}

/** SIGINT is PostgreSQL's fast shutdown: sessions end, everything is written, no recovery at the next start. */
async function stopServer(cluster: string, pid: number): Promise<void> {
	const lock = await readLockFile(cluster);
	if (lock?.pid !== pid || processState(pid) !== 'postgres') return;
	process.kill(pid, 'SIGINT');
	const deadline = Date.now() + STOPPED_WITHIN_MS;
	while (processState(pid) === 'postgres') {
		if (Date.now() > deadline)
			throw new GraftError(
				'UNAVAILABLE',
				`PostgreSQL (process ${pid}) did not stop within ${STOPPED_WITHIN_MS / 1000} s.`,
			);
		await sleep(POLL_MS);
	}
}
