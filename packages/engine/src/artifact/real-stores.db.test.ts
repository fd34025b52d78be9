import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { RESUME_KIND } from '@graft/domain/artifact';
import type { Lease } from '@graft/domain/lease';
import { createLogger } from '@graft/runtime/logger';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { startTestBucket } from '@graft/testing/s3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readBackup } from '../backup/read-backup.js';
import { writeBackup } from '../backup/write-backup.js';
import { createEngine, type RunningEngine } from '../create-engine.js';
import { createTestEngine, letLeaseRunOut, ok, type TestEngine } from '../testing/create-test-engine.js';
import { type RealStore, realStores } from '../testing/real-stores.js';
import { createScene, finish, leaseNext, type Scene, trainer } from '../testing/scene.js';
import { announce, inPieces } from '../testing/store-suite.js';
import { keepHouse } from './keep-house.js';

const logger = createLogger('test', 'silent');
const stores = realStores(startTestBucket);
const DAY = 24 * 3_600_000;

describe.each(stores)('what a run leaves on %s', (_, open) => {
	let clone: TestDatabase;
	let it: TestEngine;
	let engine: RunningEngine;
	let scene: Scene;
	let place: RealStore;
	let now: Date;
	beforeEach(async () => {
		now = new Date();
		place = await open(() => now);
		clone = await createTestDatabase();
		it = createTestEngine(clone.database);
		scene = await createScene(it);
		engine = createEngine({ database: clone.database, artifactStore: place.store, settings: it.settings, logger });
	});
	afterEach(async () => {
		await clone.drop();
		await place.close();
	});

	const quiet = { logger, announce: () => undefined };
	const house = () => keepHouse({ ...it, ...quiet, artifactStore: place.store, database: clone.database } as never);
	async function launched(): Promise<Lease> {
		ok(await engine.launchComparison({ ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' }], seeds: [0] }));
		return (await leaseNext(it)).lease;
	}
	/** As a trainer does it, but for the PUT. */
	async function upload(lease: Lease, bytes: Uint8Array, name = 'final', kind = 'checkpoint', step = 0) {
		const { digest, ...rest } = announce(bytes);
		const input = { lease, name, kind, digest, bytes: rest.bytes, step };
		const { parts } = ok(await engine.beginArtifact({ ...input, ...rest }));
		if (parts !== null) await place.store.put({ digest, bytes: rest.bytes }, inPieces(bytes));
		ok(await engine.finishUpload({ digest, bytes: rest.bytes }));
		return { parts, artifact: ok(await engine.commitArtifact(input)) };
	}
	const deleted = (id: string, days: number) =>
		clone.database.query(
			{ name: '', text: `UPDATE run SET deleted_at = now() - $2 * interval '1 day' WHERE id = $1` },
			[id, days],
		);
	const contentOf = async (digest: string) => {
		const opened = await place.store.open(digest);
		return opened === null ? null : await buffer(opened.stream);
	};

	test('of checkpoints stay the newest two, and at the end the last, the best and the final weights', async () => {
		const lease = await launched();
		for (const step of [10, 20, 30]) await upload(lease, randomBytes(1000 + step), `step-${step}`, RESUME_KIND, step);
		expect(await place.left()).toHaveLength(2);
		await upload(lease, randomBytes(500), 'best');
		await upload(lease, randomBytes(500), 'final');
		ok(await finish({ ...it, engine }, lease));
		expect(await place.left()).toHaveLength(3);
		now = new Date(now.getTime() + DAY);
		await house();
		const files = await engine.artifactsByRuns([lease.runId]);
		expect(files.map(({ name }) => name).sort()).toEqual(['best', 'final', 'step-30']);
		for (const { digest, bytes } of files) expect(await place.store.size(digest)).toBe(bytes);
	});

	test('bytes are sent and kept once, go seven days after the last run that has them, and come back before', async () => {
		const bytes = randomBytes(3000);
		const [one, other] = [await launched(), await launched()];
		expect((await upload(one, bytes)).parts).toHaveLength(1);
		const { parts, artifact } = await upload(other, bytes);
		expect(parts).toBeNull();
		expect(await place.left()).toHaveLength(1);
		for (const lease of [one, other]) ok(await finish({ ...it, engine }, lease));
		ok(await engine.changeRuns([one.runId, other.runId], 'delete'));
		await deleted(one.runId, 7.1);
		await deleted(other.runId, 6.9);
		now = new Date(now.getTime() + DAY);
		expect((await house()).purgedRuns).toBe(1);
		ok(await engine.changeRuns([other.runId], 'restore'));
		expect((await contentOf(artifact.digest))?.equals(bytes)).toBe(true);
		ok(await engine.changeRuns([other.runId], 'delete'));
		await deleted(other.runId, 7.1);
		expect((await house()).purgedRuns).toBe(1);
		expect(await place.left()).toEqual([]);
	});

	test('a token that lost its lease commits nothing, and what it sent goes', async () => {
		const lease = await launched();
		const bytes = randomBytes(2000);
		const { partDigests, ...content } = announce(bytes);
		const input = { lease, name: 'late', kind: 'checkpoint', step: 1, ...content };
		ok(await engine.beginArtifact({ ...input, partDigests }));
		await letLeaseRunOut(clone.database, lease.runId);
		const { worker } = ok(await engine.registerWorker(trainer));
		ok(await engine.leaseRun(worker.id));
		await place.store.put(content, inPieces(bytes));
		ok(await engine.finishUpload(content));
		expect(await engine.commitArtifact(input)).toMatchObject({ kind: 'LeaseLost' });
		expect(await engine.beginArtifact({ ...input, partDigests })).toMatchObject({ kind: 'LeaseLost' });
		expect(await engine.artifactsByRuns([lease.runId])).toEqual([]);
		now = new Date(now.getTime() + DAY);
		expect(await house()).toEqual({ purgedRuns: 0, removedFiles: 1 });
		expect(await place.left()).toEqual([]);
	});

	test('bytes that are others are refused by name when the upload is finished', async () => {
		const lease = await launched();
		const { partDigests, ...content } = announce(randomBytes(2000));
		ok(await engine.beginUpload({ ...content, partDigests }));
		expect(await engine.finishUpload(content)).toMatchObject({ kind: 'InvalidInput', code: 'NOT_UPLOADED' });
		const input = { lease, name: 'x', kind: 'checkpoint', step: null, ...content };
		expect(await engine.commitArtifact(input)).toMatchObject({ kind: 'InvalidInput', code: 'NOT_UPLOADED' });
	});

	test('a backup of one store is restored into the other', async () => {
		const lease = await launched();
		const bytes = randomBytes(9 * 2 ** 20);
		await upload(lease, bytes);
		ok(await finish({ ...it, engine }, lease));
		// What the scene was made with lies in memory.
		const backbone = scene.backbone.weightsDigest ?? '';
		await place.store.put({ digest: backbone, bytes: 7 }, inPieces(Buffer.from('weights')));
		const folder = await mkdtemp(path.join(tmpdir(), 'graft-backup-'));
		const empty = await createTestDatabase();
		const others = stores.filter(([, each]) => each !== open).map(([, each]) => each(() => now));
		try {
			const file = path.join(folder, 'graft.tar');
			await writeBackup({ database: clone.database, store: place.store, now }, file);
			for (const other of await Promise.all(others)) {
				await readBackup({ database: empty.database, store: other.store }, file);
				const opened = await other.store.open(announce(bytes).digest);
				expect(opened && (await buffer(opened.stream)).equals(bytes)).toBe(true);
				expect(await other.left()).toHaveLength(2);
			}
		} finally {
			for (const other of await Promise.all(others)) await other.close();
			await empty.drop();
			await rm(folder, { recursive: true, force: true });
		}
	});
});
