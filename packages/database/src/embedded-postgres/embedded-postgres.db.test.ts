import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLogger } from '@graft/runtime/logger';
import { until } from '@graft/testing/race';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Database, openDatabase } from '../connection/index.js';
import { readLockFile } from './lock-file.js';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './start.js';

const logger = createLogger('test', 'fatal');
let made: string;
let dataDir: string;
const servers: EmbeddedPostgres[] = [];
// initdb takes a second, a copy of what it made a tenth: most tests do not care how the folder came to be.
beforeAll(async () => {
	made = await mkdtemp(join(tmpdir(), 'graft-made-'));
	await (await startEmbeddedPostgres({ dataDir: made, logger })).stop();
});
afterAll(() => rm(made, { recursive: true, force: true }));
beforeEach(async () => {
	dataDir = await mkdtemp(join(tmpdir(), 'graft-embedded-'));
	execFileSync('cp', ['-R', '-p', join(made, 'postgres'), join(dataDir, 'postgres')]);
});
afterEach(async () => {
	await Promise.all(servers.splice(0).map((server) => server.stop()));
	await rm(dataDir, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
	const server = await startEmbeddedPostgres({ dataDir, logger });
	servers.push(server);
	return server;
}
async function withDatabase<T>(url: string, work: (database: Database) => Promise<T>): Promise<T> {
	const database = await openDatabase({ url, logger, poolSize: 1 });
	try {
		return await work(database);
	} finally {
		await database.close();
	}
}
const run = (url: string, text: string) => withDatabase(url, (database) => database.query({ name: '', text }));

test('starts, is found by the next caller, stops, and starts again with its data', async () => {
	const first = await start();
	expect(first.started).toBe(true);
	expect(new URL(first.url).hostname).toBe('127.0.0.1');
	await run(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
	const second = await start();
	expect(second).toMatchObject({ url: first.url, started: false });
	await first.stop();
	await expect(run(first.url, 'SELECT 1')).rejects.toMatchObject({ code: 'UNAVAILABLE' });
	const third = await start();
	expect(await run(third.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
});

test('four callers on a folder that is not there yet get one server', async () => {
	await rm(join(dataDir, 'postgres'), { recursive: true });
	const all = await Promise.all([start(), start(), start(), start()]);
	expect(new Set(all.map(({ url }) => url)).size).toBe(1);
	expect(all.filter(({ started }) => started)).toHaveLength(1);
	expect((await readdir(dataDir)).toSorted()).toEqual(['postgres', 'postgres.log']);
});

test('asks for a password, though it listens on loopback alone', async () => {
	const { url } = await start();
	const stranger = new URL(url);
	stranger.password = 'guess';
	await expect(openDatabase({ url: stranger.toString(), logger })).rejects.toMatchObject({
		code: 'UNAVAILABLE',
		message: expect.stringContaining('refused the login'),
	});
});

test('comes back after a kill with every row that was acknowledged', async () => {
	const first = await start();
	await run(first.url, 'CREATE TABLE kept (n integer)');
	await withDatabase(first.url, async (database) => {
		for (let n = 0; n < 50; n++) await database.query({ name: '', text: `INSERT INTO kept VALUES (${n})` });
		const lock = await readLockFile(join(dataDir, 'postgres'));
		process.kill(lock?.pid ?? 0, 'SIGKILL');
		await until(() =>
			database.query({ name: '', text: 'SELECT 1' }).then(
				() => false,
				() => true,
			),
		);
	});
	const second = await start();
	expect(await run(second.url, 'SELECT count(*) AS count FROM kept')).toEqual([{ count: 50 }]);
});

test('waits for the sessions of a killed server that have not ended yet', async () => {
	const { url } = await start();
	await withDatabase(url, async (database) => {
		const [session] = await database.query<{ pid: number }>({ name: '', text: 'SELECT pg_backend_pid() AS pid' });
		const backend = session?.pid ?? 0;
		expect(backend).toBeGreaterThan(1);
		process.kill(backend, 'SIGSTOP');
		const lock = await readLockFile(join(dataDir, 'postgres'));
		process.kill(lock?.pid ?? 0, 'SIGKILL');
		const next = start();
		next.catch(() => undefined);
		const log = join(dataDir, 'postgres', 'postgres.log');
		const said = () =>
			Promise.all([log, join(dataDir, 'postgres.log')].map((file) => readFile(file, 'utf8').catch(() => '')));
		await until(async () => (await said()).join().includes('pre-existing shared memory block'));
		process.kill(backend, 'SIGCONT');
		expect((await next).started).toBe(true);
	});
});

test('a lock file whose number is another program’s by now does not stop it', async () => {
	const cluster = join(dataDir, 'postgres');
	await writeFile(join(cluster, 'postmaster.pid'), `${process.pid}\n${cluster}\n1\n5432\n\n127.0.0.1\n1 1\nready   \n`);
	expect((await start()).started).toBe(true);
});

test('a copy of a folder whose server runs is refused instead of reaching the original', async () => {
	await start();
	const copy = await mkdtemp(join(tmpdir(), 'graft-copy-'));
	execFileSync('cp', ['-R', join(dataDir, 'postgres'), join(copy, 'postgres')]);
	await expect(startEmbeddedPostgres({ dataDir: copy, logger })).rejects.toMatchObject({
		code: 'UNAVAILABLE',
		message: expect.stringContaining(`works on ${join(dataDir, 'postgres')}`),
	});
	await rm(copy, { recursive: true });
});

test('a folder that cannot be made, and a broken one, are said so, and nothing is left', async () => {
	const file = join(dataDir, 'file');
	await writeFile(file, '');
	await expect(startEmbeddedPostgres({ dataDir: join(file, 'data'), logger })).rejects.toMatchObject({
		code: 'UNAVAILABLE',
		message: expect.stringContaining(file),
	});

	const cluster = join(dataDir, 'postgres');
	await rename(join(cluster, 'global'), join(cluster, 'elsewhere'));
	await expect(startEmbeddedPostgres({ dataDir, logger })).rejects.toMatchObject({
		code: 'UNAVAILABLE',
		message: expect.stringMatching(/did not start in .*postgres/),
	});
});

test('what a killed first start left behind is removed', async () => {
	await rm(join(dataDir, 'postgres'), { recursive: true });
	const left = join(dataDir, 'postgres.init-000000000000');
	await mkdir(left, { recursive: true });
	const hourAgo = new Date(Date.now() - 3_600_000);
	await utimes(left, hourAgo, hourAgo);
	await start();
	expect(await readdir(dataDir)).not.toContain('postgres.init-000000000000');
	expect(await readFile(join(dataDir, 'postgres', 'PG_VERSION'), 'utf8')).toBe('18\n');
});
