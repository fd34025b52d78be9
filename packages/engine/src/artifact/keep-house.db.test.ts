import { insertBlob } from '@graft/database/artifact';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { untilBlocked } from '@graft/testing/race';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { commitFile, createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext, type Scene } from '../testing/scene.js';
import { weightFile } from '../testing/weight-file.js';
import { keepHouse } from './keep-house.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
});
afterEach(() => clone.drop());

const house = () => keepHouse({ ...it, artifactStore: it.store, database: clone.database, logger, announce } as never);
const announce = () => undefined;
const logger = { info: () => undefined, warn: () => undefined };
const trained = async (text: string) => {
	const launch = { ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' as const }], seeds: [0] };
	ok(await it.engine.launchComparison(launch));
	const { lease } = await leaseNext(it);
	ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [3, 2])));
	ok(await it.engine.logLines(lease, 1, ['hello']));
	const file = await commitFile(it, lease, { text });
	ok(await finish(it, lease));
	return { id: lease.runId, digest: file.digest };
};
const age = (id: string, days: number) =>
	clone.database.query({ name: '', text: `UPDATE run SET deleted_at = now() - $2 * interval '1 day' WHERE id = $1` }, [
		id,
		days,
	]);
const rowsOf = async (id: string) => {
	const tables = [
		'attempt',
		'run_value',
		'run_metric_value',
		'metric_batch',
		'metric_series',
		'log_chunk',
		'run_event',
		'artifact',
	];
	const counts = await Promise.all(
		tables.map((table) =>
			clone.database.query<{ count: number }>(
				{ name: '', text: `SELECT count(*) AS count FROM ${table} WHERE run_id = $1` },
				[id],
			),
		),
	);
	return counts.flat().map(({ count }) => count);
};

test('a deleted run can be restored for seven days; then it goes, with its files that nobody else has', async () => {
	const [gone, kept, twin] = [await trained('a'), await trained('b'), await trained('a')];
	const alone = await trained('c');
	ok(await it.engine.changeRuns([gone.id, kept.id, alone.id], 'delete'));
	await age(gone.id, 7.1);
	await age(alone.id, 7.1);
	await age(kept.id, 6.9);
	expect(await house()).toEqual({ purgedRuns: 2, removedFiles: 0 });
	expect(await it.engine.run(gone.id)).toBeNull();
	expect(await rowsOf(gone.id)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
	expect(await it.store.size(alone.digest)).toBeNull();
	// The twin has the same bytes.
	expect(await it.store.size(twin.digest)).not.toBeNull();
	expect(await it.engine.artifactsByRuns([twin.id])).toHaveLength(1);
	ok(await it.engine.changeRuns([kept.id], 'restore'));
	expect(await rowsOf(kept.id)).not.toContain(0);
	expect(await house()).toEqual({ purgedRuns: 0, removedFiles: 0 });
});

test('a backbone outlives the run that produced it', async () => {
	const runId = scene.backbone.producedById ?? '';
	ok(await it.engine.changeRuns([runId], 'delete'));
	await age(runId, 8);
	expect((await house()).purgedRuns).toBe(1);
	const [backbone] = await it.engine.backbonesByIds([scene.backbone.id]);
	expect(backbone).toMatchObject({ producedById: null, weightsDigest: scene.backbone.weightsDigest });
	expect(await it.store.size(scene.backbone.weightsDigest ?? '')).not.toBeNull();
});

test('bytes that nobody committed go, and a commit of them meanwhile is told so', async () => {
	const orphan = it.store.keep('uploaded, never committed');
	const committed = await trained('committed');
	expect(await house()).toEqual({ purgedRuns: 0, removedFiles: 1 });
	expect(await it.store.size(orphan.digest)).toBeNull();
	expect(await it.store.size(committed.digest)).not.toBeNull();
});

test('a commit that is under way keeps its bytes', async () => {
	const file = it.store.keep('being committed');
	const cleaning = await clone.database.transaction(async (session) => {
		await insertBlob(session, file.digest, file.bytes);
		const work = house();
		await untilBlocked(clone.database, 1);
		return { work };
	});
	expect(await cleaning.work).toEqual({ purgedRuns: 0, removedFiles: 0 });
	expect(await it.store.size(file.digest)).toBe(file.bytes);
});

test('what a backbone is made of is no orphan, however old', async () => {
	const weights = it.store.keep(weightFile('small-cnn', [8, 8, 1]));
	const file = { fromRunId: null, inputShape: [8, 8, 1], source: null, licence: null, architecture: 'small-cnn' };
	ok(await it.engine.registerBackbone({ ...file, name: 'imported', weightsDigest: weights.digest }));
	// As backbones were stored that are older than this rule.
	await clone.database.query({ name: '', text: 'DELETE FROM blob WHERE digest = $1' }, [weights.digest]);
	expect(await house()).toEqual({ purgedRuns: 0, removedFiles: 0 });
	expect(await it.store.size(weights.digest)).toBe(weights.bytes);
});
