import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { findTables, readRows } from '@graft/database/backup';
import type { Database } from '@graft/database/connection';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forgetFiles } from '../artifact/forget-files.js';
import { openLocalArtifactStore } from '../artifact/local-artifact-store.js';
import { commitFile, createTestEngine, ok } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext, type Scene } from '../testing/scene.js';
import { readBackup } from './read-backup.js';
import { writeBackup } from './write-backup.js';

let clone: TestDatabase;
let empty: TestDatabase;
let folder: string;
let file: string;
beforeEach(async () => {
	[clone, empty] = [await createTestDatabase(), await createTestDatabase()];
	folder = await mkdtemp(path.join(tmpdir(), 'graft-backup-'));
	file = path.join(folder, 'graft.tar');
});
afterEach(async () => {
	await clone.drop();
	await empty.drop();
	await rm(folder, { recursive: true, force: true });
});

const now = new Date('2026-11-24T00:00:00Z');
const storeIn = (name: string) => openLocalArtifactStore({ directory: path.join(folder, name) });
/** What is in the database; the counters of changes are the database's own. */
const contents = (database: Database) =>
	database.transaction(async (session) => {
		const all = new Map<string, string[]>();
		for (const table of await findTables(session)) {
			const rows: string[] = [];
			for await (const some of readRows(session, table)) rows.push(...some);
			all.set(table, table === 'run' ? [String(rows.length)] : rows.toSorted());
		}
		const runs = await session.query({
			name: '',
			text: `SELECT to_jsonb(run) - 'revision' - 'changed_xid' AS run FROM run ORDER BY id`,
		});
		return { tables: Object.fromEntries(all), runs };
	});

async function fill(): Promise<{ scene: Scene; it: ReturnType<typeof createTestEngine> }> {
	const it = createTestEngine(clone.database);
	const scene = await createScene(it);
	ok(await it.engine.launchComparison(scene.launch));
	const { lease } = await leaseNext(it);
	ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [0.1, Number.NaN, Number.NEGATIVE_INFINITY, 1 / 3])));
	ok(await it.engine.logLines(lease, 1, ['a "quoted", {braced} \\ line', '', 'ümläut 🌱']));
	await commitFile(it, lease, { text: 'the weights' });
	ok(await finish(it, lease));
	return { scene, it };
}
/** The files of the engine's memory, on disk as an API has them. */
async function storeFiles(name: string, texts: readonly string[]) {
	const store = await storeIn(name);
	for (const text of texts) {
		const digest = createHash('sha256').update(text).digest('hex');
		await store.put(
			{ digest, bytes: text.length },
			(async function* () {
				yield Buffer.from(text);
			})(),
		);
	}
	return store;
}

test('what is written can be read into an empty platform, every row and every file', async () => {
	await fill();
	const store = await storeFiles('from', ['weights', 'the weights']);
	const written = await writeBackup({ database: clone.database, store, now }, file);
	expect(written).toMatchObject({ files: 2, bytes: 18 });
	const target = await storeIn('to');
	expect(await readBackup({ database: empty.database, store: target }, file)).toEqual(written);
	expect(await contents(empty.database)).toEqual(await contents(clone.database));
	const [artifact] = await empty.database.query<{ digest: string }>({ name: '', text: `SELECT digest FROM artifact` });
	const opened = await target.open(artifact?.digest ?? '');
	expect(['weights', 'the weights']).toContain((await buffer(opened?.stream as never)).toString());
	// It is a working platform: its foreign keys hold, and its queue is handed out.
	expect((await leaseNext(createTestEngine(empty.database))).lease.attempt).toBe(1);
	const keys = { name: '', text: `SELECT count(*) AS count FROM pg_constraint WHERE contype = 'f'` };
	expect(await empty.database.query(keys)).toEqual(await clone.database.query(keys));
});

test('it is one moment, however much is written and dropped meanwhile', async () => {
	const { it, scene } = await fill();
	const store = await storeFiles('from', ['weights', 'the weights']);
	const before = await contents(clone.database);
	let times = 0;
	const busy = {
		open: async (digest: string) => {
			if (times++ === 0) {
				ok(await it.engine.launchComparison({ ...scene.launch, seeds: [9], priority: 1 }));
				await clone.database.query({ name: '', text: 'DELETE FROM artifact' });
				const house = { ...it, artifactStore: store, database: clone.database, logger: { info: () => undefined } };
				await forgetFiles(house as never, [digest]);
			}
			return store.open(digest);
		},
	};
	await writeBackup({ database: clone.database, store: busy, now }, file);
	await readBackup({ database: empty.database, store: await storeIn('to') }, file);
	expect(await contents(empty.database)).toEqual(before);
});

test('refuses a used platform, another file, a damaged and a cut one, and leaves nothing of them', async () => {
	await fill();
	const store = await storeFiles('from', ['weights', 'the weights']);
	await writeBackup({ database: clone.database, store, now }, file);
	const target = await storeIn('to');
	await expect(readBackup({ database: clone.database, store: target }, file)).rejects.toMatchObject({
		code: 'CONFIGURATION',
		message: expect.stringMatching(/holds something already/),
	});
	const whole = await readFile(file);
	const broken = path.join(folder, 'broken.tar');
	const into = () => readBackup({ database: empty.database, store: target }, broken);
	await writeFile(broken, whole.subarray(0, whole.length - 4000));
	await expect(into()).rejects.toMatchObject({ code: 'DATA', message: expect.stringMatching(/cut off/) });
	await writeFile(broken, Buffer.from(whole).fill(7, 2100, 2200));
	await expect(into()).rejects.toMatchObject({ code: 'DATA' });
	await writeFile(broken, 'no archive');
	await expect(into()).rejects.toMatchObject({ code: 'DATA' });
	await writeFile(
		broken,
		Buffer.from(whole.toString('latin1').replace('Initial1795392000000', 'Initial1795392000001'), 'latin1'),
	);
	await expect(into()).rejects.toMatchObject({
		code: 'CONFIGURATION',
		message: expect.stringMatching(/an older Graft/),
	});
	expect((await contents(empty.database)).tables.experiment).toEqual([]);
});
