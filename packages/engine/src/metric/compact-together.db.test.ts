import { compactAttempt, compactTogether, findCompactionCandidates } from '@graft/database/metric';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	const scene = await createScene(it);
	const strategies = [{ kind: 'FROM_SCRATCH' as const }];
	ok(await it.engine.launchComparison({ ...scene.launch, strategies, seeds: [0, 1, 2, 3] }));
});
afterEach(() => clone.drop());

/** A run of two batches and two series; left open where it is to log more. */
async function trial({ ends = true } = {}) {
	const { lease } = await leaseNext(it);
	ok(await it.engine.logMetrics(lease, batchOf(1, 'loss', 1, [3, Number.NaN, 1])));
	ok(await it.engine.logMetrics(lease, { ...batchOf(2, 'accuracy', 4, [0.5]), series: twoSeries }));
	if (ends) ok(await finish(it, lease));
	return lease;
}
const twoSeries = [...batchOf(2, 'loss', 4, [0.5, 0.25]).series, ...batchOf(2, 'accuracy', 4, [0.9]).series];

const due = () => findCompactionCandidates(clone.database, { points: 0, batches: 0, quietSeconds: 0 });
const chunksOf = (runId: string) => {
	const text = `SELECT to_jsonb(metric_chunk) - 'run_id' AS chunk FROM metric_chunk WHERE run_id = $1 ORDER BY key, position`;
	return clone.database.query({ name: '', text }, [runId]);
};
const waiting = async () =>
	(await clone.database.query({ name: '', text: 'SELECT DISTINCT run_id AS id FROM metric_batch' })) as {
		id: string;
	}[];

test('attempts that are compacted together are stored as each by itself', async () => {
	const [alone, ...others] = [await trial(), await trial(), await trial()];
	const candidates = await due();
	expect(candidates.map(({ isWhole }) => isWhole)).toEqual([true, true, true]);
	const single = candidates.find(({ runId }) => runId === alone.runId);
	if (single === undefined) throw new Error('it is due');
	expect(await compactAttempt(clone.database, single)).toBe(6);
	const rest = candidates.filter((one) => one !== single);
	expect(await compactTogether(clone.database, single.experimentId, rest)).toBe(12);
	expect(await chunksOf(alone.runId)).toHaveLength(2);
	for (const { runId } of others) expect(await chunksOf(runId)).toEqual(await chunksOf(alone.runId));
	expect(await waiting()).toEqual([]);
});

test('one that somebody else compacts, or that has chunks already, is left alone', async () => {
	const [free, busy, known] = [await trial(), await trial(), await trial({ ends: false })];
	const running = (await due()).find(({ runId }) => runId === known.runId);
	expect(running?.isWhole).toBe(false);
	await compactAttempt(clone.database, running as never);
	ok(await it.engine.logMetrics(known, batchOf(3, 'loss', 6, [0.1])));
	ok(await finish(it, known));
	const before = await chunksOf(known.runId);
	const candidates = await due();
	expect(candidates.find(({ runId }) => runId === known.runId)?.isWhole).toBe(false);
	const other = await clone.open();
	await other.transaction(async (session) => {
		const text = `SELECT pg_advisory_xact_lock(hashtextextended('compact ' || $1 || ' 1', 0))`;
		await session.query({ name: '', text }, [busy.runId]);
		expect(await compactTogether(clone.database, candidates[0]?.experimentId ?? '', candidates)).toBe(6);
	});
	expect(await chunksOf(free.runId)).toHaveLength(2);
	expect(await chunksOf(known.runId)).toEqual(before);
	expect((await waiting()).map(({ id }) => id).sort()).toEqual([busy.runId, known.runId].sort());
});
