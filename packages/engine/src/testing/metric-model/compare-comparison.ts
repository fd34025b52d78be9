import { type Direction, directionOf } from '@graft/domain/experiment';
import { canonicalJson } from '@graft/domain/json';
import type { SummaryPoint } from '@graft/domain/metric';
import type { Attempt, Run } from '@graft/domain/run';
import { expect } from 'vitest';
import { expectNear } from './compare-bands.js';
import {
	byHolm,
	type ModelEvidence,
	type ModelGroup,
	modelFront,
	modelGroups,
	modelVerdict,
} from './model-comparison.js';
import type { Observed } from './scenario.js';

/** What the runs that succeeded say as evidence, by every metric and every point of its summary. */
export async function compareComparison(experimentId: string, scenarios: readonly Observed[]): Promise<void> {
	const { engine } = scenarios[0] as Observed;
	const done = scenarios.filter(({ record }) => record.outcome === 'SUCCEEDED');
	const runs = await Promise.all(done.map(async ({ runId }) => (await engine.run(runId)) as Run));
	const attempts = await engine.attemptsByRuns(runs.map(({ id }) => id));
	for (const metric of [null, 'loss', 'lr'])
		for (const at of ['BEST', 'LAST', 'MIN', 'MAX'] as const) {
			const name = metric ?? 'test_accuracy';
			const direction = directionOf(name);
			const evidence = done.map((scenario, index) => evidenceOf(scenario, runs[index] as Run, attempts, name, at));
			const made = await engine.comparison({ experimentId, metric, at });
			expect([made.metric, made.direction]).toEqual([name, direction]);
			expectNumbers(made);
			compareGroups(made, evidence, direction);
		}
}

const groupOf = ({ strategy, config }: Pick<Run, 'strategy' | 'config'>): string =>
	`${strategy?.kind} ${config.batchSize} ${config.epochs}`;

function evidenceOf(
	{ record }: Observed,
	run: Run,
	attempts: readonly Attempt[],
	metric: string,
	at: SummaryPoint,
): ModelEvidence {
	const { last, min, max } = record.summary(metric);
	const point = { LAST: last, MIN: min, MAX: max, BEST: directionOf(metric) === 'MAXIMIZE' ? max : min }[at];
	const own = attempts
		.filter(({ runId }) => runId === run.id)
		.toSorted((a, b) => a.number - b.number)
		.at(-1);
	const examples =
		record.summary('examples').last?.value ?? (record.lastStep ?? 0) * (run.spec?.batchSize ?? Number.NaN);
	return {
		group: groupOf(run),
		seed: run.seed ?? Number.NaN,
		value: point !== null && Number.isFinite(point.value) ? point.value : null,
		seconds: ((own?.endedAt?.getTime() ?? Number.NaN) - (own?.startedAt.getTime() ?? Number.NaN)) / 1000,
		compute: examples * (run.freezePlan?.stepCost ?? Number.NaN),
	};
}

type Made = Awaited<ReturnType<Observed['engine']['comparison']>>;

function compareGroups(made: Made, evidence: readonly ModelEvidence[], direction: Direction): void {
	const wanted = new Map(modelGroups(evidence).map((group) => [group.group, group]));
	const groups = made.groups.map((group) => ({ made: group, wanted: wanted.get(keyOf(group)) as ModelGroup }));
	expect(groups.map((group) => keyOf(group.made)).sort()).toEqual([...wanted.keys()].sort());
	for (const group of groups) {
		const { seeds, values, n } = group.made;
		// In JSON there is one zero.
		const positive = group.wanted.values.map((value) => value + 0);
		expect({ seeds, values: values.map((value) => value + 0), n }).toEqual({
			...{ seeds: group.wanted.seeds, values: positive, n: positive.length },
		});
		expectNear(group.made.computePerRun, group.wanted.compute ?? Number.NaN, 1);
		expectNear(group.made.secondsPerRun, group.wanted.seconds, 1);
		const size = Math.max(...values.map(Math.abs));
		expectNear(group.made.mean / size, group.wanted.mean / size, 1);
		if (size > 1e150) continue;
		for (const [end, of] of [
			['sd', 'sd'],
			['ciLow', 'low'],
			['ciHigh', 'high'],
		] as const)
			if (n < 2) expect(group.made[end]).toBeNull();
			else expectNear(group.made[end], group.wanted[of], size);
	}
	const means = made.groups.map(({ mean }) => mean);
	expect(means).toEqual(means.toSorted((a, b) => (direction === 'MAXIMIZE' ? b - a : a - b)));
	compareVerdicts(made, new Map(groups.map((group) => [group.made.id, group.wanted])), direction);
	const priced = made.groups.map(({ id, mean, computePerRun }) => ({ id, mean, cost: computePerRun ?? Number.NaN }));
	expect(made.paretoFront).toEqual(modelFront(priced, direction).map(({ id }) => id));
	expect(made.groups.some(({ id }) => id === made.recommendation?.group)).toBe(made.groups.length > 0);
}

const keyOf = ({ strategy, conditions }: Made['groups'][number]): string => groupOf({ strategy, config: conditions });

/** The best group against each other one. */
function compareVerdicts(made: Made, groups: ReadonlyMap<string, ModelGroup>, direction: Direction): void {
	const [best, ...others] = made.groups.map(({ id }) => id);
	expect(made.verdicts.map(({ a, b }) => [a, b])).toEqual(others.map((other) => [best, other]));
	const wanted = made.verdicts.map(({ a, b }) =>
		modelVerdict(groups.get(a) as ModelGroup, groups.get(b) as ModelGroup),
	);
	const adjusted = byHolm(wanted.map(({ pValue }) => pValue));
	for (const [index, verdict] of made.verdicts.entries()) {
		const { test, pairedBy, difference, low, high } = wanted[index] as (typeof wanted)[number];
		const size = Math.max(...[verdict.a, verdict.b].flatMap((id) => groups.get(id)?.values ?? []).map(Math.abs));
		expect(verdict.pairedBy).toBe(pairedBy);
		if (size > 1e150) continue;
		expect(verdict.test).toBe(test);
		expectNear(verdict.difference, difference, size);
		const pValue = adjusted[index] ?? null;
		if (pValue === null) expect(verdict.pValue).toBeNull();
		else expectNear(verdict.pValue, pValue, 1);
		for (const [end, of] of [
			[verdict.ciLow, low],
			[verdict.ciHigh, high],
		] as const)
			if (of === null) expect(end).toBeNull();
			else if (!Number.isNaN(of)) expectNear(end, of, size);
		const isClear = pValue !== null && pValue <= 0.05 && ((low ?? 0) > 0 || (high ?? 0) < 0);
		const won = (low ?? 0) > 0 === (direction === 'MAXIMIZE') ? 'BETTER' : 'WORSE';
		if (isClear) expect(verdict.kind).toBe(won);
		else expect(['EQUIVALENT', 'INCONCLUSIVE']).toContain(verdict.kind);
	}
}

/** JSON has no NaN and no infinity, and a page that is given one breaks. */
function expectNumbers(made: unknown): void {
	expect(() => canonicalJson(JSON.parse(JSON.stringify(made, refuse)))).not.toThrow();
}
const refuse = (key: string, value: unknown): unknown => {
	if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${key} is ${value}`);
	return value;
};
