import type { Direction } from '../experiment/index.js';
import { canonicalJson } from '../json/index.js';
import { fnv1aHex64 } from '../random/index.js';
import { mean, sampleSd, tInterval } from '../statistics/index.js';
import { strategyKey } from '../strategy/index.js';
import type { ComparisonGroup, ComparisonRun } from './comparison.js';
import { distinctLabels } from './group-labels.js';

/** A group with what only sentences need. */
export interface NamedGroup extends ComparisonGroup {
	readonly backboneName: string;
	readonly datasetName: string;
}

/** Runs with a finite value, put together by backbone, data, strategy and conditions; the best mean first. */
export function groupRuns(runs: readonly ComparisonRun[], direction: Direction): NamedGroup[] {
	const members = new Map<string, Counted[]>();
	for (const run of runs) {
		if (run.value === null || !Number.isFinite(run.value)) continue;
		const id = groupId(run);
		members.set(id, [...(members.get(id) ?? []), { ...run, value: run.value }]);
	}
	const groups = [...members].map(([id, own]) => summarize(id, own));
	return distinctLabels(groups).sort(
		(a, b) =>
			(direction === 'MAXIMIZE' ? b.mean - a.mean : a.mean - b.mean) || compareCost(a, b) || (a.id < b.id ? -1 : 1),
	);
}

/** Which of two groups is cheaper, by the first measure that both have; 0 where none tells. */
export function compareCost(a: ComparisonGroup, b: ComparisonGroup): number {
	for (const measure of ['computePerRun', 'trainableParameters', 'secondsPerRun'] as const) {
		const [left, right] = [a[measure], b[measure]];
		if (left !== null && right !== null && left !== right) return left - right;
	}
	return 0;
}

type Counted = ComparisonRun & { readonly value: number };

function groupId(run: ComparisonRun): string {
	const strategy = run.strategy === null ? null : strategyKey(run.strategy);
	return fnv1aHex64(canonicalJson([run.backboneId, run.datasetId, strategy, run.conditions ?? {}]));
}

function summarize(id: string, runs: readonly Counted[]): NamedGroup {
	const first = runs[0] as Counted;
	const bySeed = new Map<number, number[]>();
	const unseeded: number[] = [];
	for (const { seed, value } of runs) {
		if (seed === null) unseeded.push(value);
		else bySeed.set(seed, [...(bySeed.get(seed) ?? []), value]);
	}
	const seeded = [...bySeed].sort(([a], [b]) => a - b);
	const values = [...seeded.map(([, repeats]) => mean(repeats)), ...unseeded];
	const interval = tInterval(values);
	return {
		id,
		backboneId: first.backboneId,
		datasetId: first.datasetId,
		backboneName: first.backboneName ?? first.backboneId ?? 'no backbone',
		datasetName: first.datasetName ?? first.datasetId ?? 'no data set',
		strategy: first.strategy,
		conditions: first.conditions ?? {},
		label: '',
		n: values.length,
		seeds: seeded.map(([seed]) => seed),
		values,
		mean: mean(values),
		sd: sampleSd(values),
		ciLow: interval?.low ?? null,
		ciHigh: interval?.high ?? null,
		trainableParameters: known(runs, 'trainableParameters')[0] ?? null,
		secondsPerRun: meanOrNull(known(runs, 'seconds')),
		computePerRun: meanOrNull(known(runs, 'compute')),
	};
}

function known(runs: readonly Counted[], field: 'trainableParameters' | 'seconds' | 'compute'): number[] {
	return runs.flatMap((run) => (run[field] === null || !Number.isFinite(run[field]) ? [] : [run[field]]));
}

const meanOrNull = (values: readonly number[]): number | null => (values.length > 0 ? mean(values) : null);
