import type { Database } from '@graft/database/connection';
import { createTestDatabase } from '@graft/testing/database';
import fc from 'fast-check';
import { test } from 'vitest';
import { ok } from '../testing/create-test-engine.js';
import { type Command, command, KEYS, type Look, look } from '../testing/metric-model/commands.js';
import { compareBands } from '../testing/metric-model/compare-bands.js';
import { compareComparison } from '../testing/metric-model/compare-comparison.js';
import { compareRecord } from '../testing/metric-model/compare-record.js';
import { compareRuns } from '../testing/metric-model/compare-runs.js';
import { compareSeries } from '../testing/metric-model/compare-series.js';
import { compareStreams } from '../testing/metric-model/compare-streams.js';
import { restoreInto } from '../testing/metric-model/restore.js';
import { engineOf, type Observed, Scenario } from '../testing/metric-model/scenario.js';
import { createScene } from '../testing/scene.js';

interface Given {
	readonly commands: readonly { readonly of: number; readonly command: Command }[];
	readonly looks: readonly Look[];
}
const RUNS = 7;
/** Most of it happens to one run, so that it grows; the others are short, as seeds of a comparison. */
const of = fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: fc.nat(RUNS - 1) });
const given: fc.Arbitrary<Given> = fc.record({
	commands: fc.array(fc.record({ of, command }), { minLength: 8, maxLength: 24 }),
	looks: fc.array(look, { minLength: 6, maxLength: 6 }),
});

/** Three seeds of two strategies, and one run of another batch size: groups that differ in both. */
async function beginRuns(database: Database) {
	const it = engineOf(database);
	const { launch, experiment } = await createScene(it);
	ok(await it.engine.launchComparison({ ...launch, seeds: [0, 1, 2] }));
	const small = { ...launch, strategies: [{ kind: 'FROM_SCRATCH' as const }], seeds: [0], batchSize: 16 };
	ok(await it.engine.launchComparison(small));
	const runs: Scenario[] = [];
	for (let index = 0; index < RUNS; index++) runs.push(await Scenario.begin(database, it, index % 2 === 1));
	return { experimentId: experiment.id, runs, store: it.store };
}

/** Queries of one run for those that something has happened to; queries over all of them, by another metric each time. */
async function compare(
	database: Database,
	{ experimentId, runs, touched }: { experimentId: string; runs: readonly Observed[]; touched: readonly Observed[] },
	looks: readonly Look[],
	round: number,
): Promise<void> {
	for (const run of touched) {
		await compareSeries(database, run, looks);
		await compareRecord(run);
		await compareStreams(database, run);
	}
	const keyed = looks.map((one, at) => ({ ...one, key: KEYS[(round + at) % KEYS.length] as string }));
	await compareBands(experimentId, runs, keyed);
	await compareRuns(experimentId, runs);
	await compareComparison(experimentId, runs);
}

async function check({ commands, looks }: Given): Promise<void> {
	const [clone, empty] = [await createTestDatabase(), await createTestDatabase()];
	const { database } = clone;
	try {
		const { experimentId, runs, store } = await beginRuns(database);
		let round = 0;
		const compareAll = async () => {
			const touched = runs.filter((run) => run.isTouched);
			await compare(database, { experimentId, runs, touched }, looks, round++);
			for (const run of touched) run.isTouched = false;
		};
		for (const [at, one] of commands.entries()) {
			await runs[one.of]?.do(one.command);
			if (at % 5 === 4) await compareAll();
		}
		// A comparison is of runs that have ended well.
		for (const [seed, run] of runs.entries()) {
			await run.do({ kind: 'log', sizes: [3, 2, 1], jump: 1, seed });
			await run.do({ kind: 'finish', outcome: 'SUCCEEDED' });
		}
		await compareAll();
		await runs[0]?.do({ kind: 'compact' });
		await compareAll();
		await restoreInto(empty.database, { database, store });
		const { engine } = engineOf(empty.database);
		const restored = runs.map((run) => run.seenBy(engine));
		await compare(empty.database, { experimentId, runs: restored, touched: restored.slice(0, 1) }, looks, round);
	} finally {
		await clone.drop();
		await empty.drop();
	}
}

const numRuns = Number(process.env.GRAFT_MODEL_RUNS ?? 4);
test(
	'every query equals the oracle, whatever is logged, repeated, lost, ended, handed on, compacted and restored',
	() => fc.assert(fc.asyncProperty(given, check), { numRuns, endOnFailure: true }),
	60_000 * numRuns,
);
