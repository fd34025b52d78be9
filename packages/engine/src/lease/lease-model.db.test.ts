import type { Lease } from '@graft/domain/lease';
import { isTerminal } from '@graft/domain/run';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestEngine, letLeaseRunOut, letWaitPass, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, type Scene, trainer } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
beforeAll(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database, { maxAttempts: 3 });
	scene = await createScene(it);
});
afterAll(() => clone.drop());

const worker = fc.nat(2);
const held = fc.nat(5);
const event = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ kind: fc.constant('lease' as const), worker }) },
	{ weight: 4, arbitrary: fc.record({ kind: fc.constant('log' as const), held }) },
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant('runOut' as const), held }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('waitPasses' as const), run: fc.nat(1) }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('renew' as const, 'release' as const), held }) },
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('finish' as const),
			held,
			outcome: fc.constantFrom('SUCCEEDED' as const, 'FAILED' as const, 'CANCELLED' as const),
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constant('change' as const),
			run: fc.nat(1),
			to: fc.constantFrom('cancel' as const, 'pause' as const, 'resume' as const, 'retry' as const),
		}),
	},
);

/**
 * Any order of events, two of them always at once. What must hold after each: a run has at most one live attempt; it has
 * one exactly while it is RUNNING; a token that was once refused is refused for ever; every batch that was acknowledged as
 * new is stored once.
 */
test('no order of events gives a run two live leases, or loses or doubles a batch', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.tuple(event, event), { minLength: 4, maxLength: 14 }), async (steps) => {
			const settings = { ...scene.launch, strategies: [{ kind: 'FEATURE_EXTRACTION' as const }] };
			const runs = ok(await it.engine.launchComparison({ ...settings, priority: 1 }));
			const workers = await Promise.all(
				[0, 1, 2].map(async () => ok(await it.engine.registerWorker({ ...trainer, slots: 2 })).worker.id),
			);
			const leases: { lease: Lease; sequence: number; lost: boolean; stored: number }[] = [];

			const carryOut = async (one: (typeof steps)[number][number]): Promise<void> => {
				if (one.kind === 'lease') {
					const answer = ok(await it.engine.leaseRun(workers[one.worker] as string));
					if (answer.kind === 'LeasedRun') leases.push({ lease: answer.lease, sequence: 0, lost: false, stored: 0 });
					return;
				}
				if (one.kind === 'change') {
					await it.engine.changeRuns([runs[one.run]?.id as string], one.to);
					return;
				}
				if (one.kind === 'waitPasses') return letWaitPass(clone.database, runs[one.run]?.id as string);
				const mine = leases[one.held % Math.max(1, leases.length)];
				if (mine === undefined) return;
				if (one.kind === 'runOut') return letLeaseRunOut(clone.database, mine.lease.runId);
				const wasLost = mine.lost;
				const answer: object =
					one.kind === 'log'
						? await it.engine.logMetrics(mine.lease, batchOf(mine.sequence + 1, 'loss', mine.sequence, [1]))
						: one.kind === 'renew'
							? await it.engine.renewLease(mine.lease, null)
							: one.kind === 'finish'
								? await finish(it, mine.lease, one.outcome)
								: await it.engine.releaseRun(mine.lease, 'model');
				const { kind, duplicate } = answer as { kind?: string; duplicate?: boolean };
				const lost = kind === 'LeaseLost';
				if (wasLost && (one.kind === 'log' || one.kind === 'renew')) expect(lost).toBe(true);
				if (lost) mine.lost = true;
				if (kind === 'MetricsLogged' && duplicate === false) mine.stored += 1;
				if (kind === 'MetricsLogged') mine.sequence += 1;
			};

			for (const [one, other] of steps) {
				await Promise.all([carryOut(one), carryOut(other)]);
				for (const { id } of runs) {
					const live = (await it.engine.attemptsByRuns([id])).filter(({ endedAt }) => endedAt === null);
					const status = (await it.engine.run(id))?.status;
					expect(live.length).toBe(status === 'RUNNING' ? 1 : 0);
				}
			}
			for (const { lease, stored } of leases) {
				const rows = await clone.database.query<{ count: number }>(
					{ name: '', text: 'SELECT count(*) AS count FROM metric_batch WHERE run_id = $1 AND attempt = $2' },
					[lease.runId, lease.attempt],
				);
				expect(rows[0]?.count).toBe(stored);
			}
			// The next case begins with an empty queue.
			for (const { id } of runs) {
				const status = (await it.engine.run(id))?.status ?? 'QUEUED';
				if (isTerminal(status)) continue;
				if (status === 'RUNNING')
					await clone.database.query(
						{
							name: '',
							text: `UPDATE attempt SET ended_at = now(), outcome = 'EXPIRED' WHERE run_id = $1 AND ended_at IS NULL`,
						},
						[id],
					);
				await clone.database.query(
					{ name: '', text: `UPDATE run SET status = 'CANCELLED', finished_at = now() WHERE id = $1` },
					[id],
				);
			}
		}),
		{ numRuns: 40 },
	);
}, 120_000);
