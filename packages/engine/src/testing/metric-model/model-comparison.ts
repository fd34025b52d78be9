import type { Direction } from '@graft/domain/experiment';
import { meanOfAll, sdOf, tOf, twoSided } from './t-interval.js';

/** A run that succeeded, as evidence. */
export interface ModelEvidence {
	readonly group: string;
	readonly seed: number;
	readonly value: number | null;
	readonly seconds: number;
	readonly compute: number | null;
}
export type ModelGroup = ReturnType<typeof modelGroups>[number];

/** Runs with a value, by group; its seeds in ascending order. */
export function modelGroups(runs: readonly ModelEvidence[]) {
	const counting = runs.flatMap((run) => (run.value === null ? [] : [{ ...run, value: run.value }]));
	return [...new Set(counting.map(({ group }) => group))].map((group) => {
		const own = counting.filter((run) => run.group === group).sort((a, b) => a.seed - b.seed);
		const values = own.map(({ value }) => value);
		const [mean, sd] = [meanOfAll(values), sdOf(values)];
		const half = (tOf(values.length) * sd) / Math.sqrt(values.length);
		const costs = own.flatMap(({ compute }) => compute ?? []);
		return {
			...{ group, seeds: own.map(({ seed }) => seed), values, mean, sd, low: mean - half, high: mean + half },
			seconds: meanOfAll(own.map(({ seconds }) => seconds)),
			compute: costs.length === 0 ? null : meanOfAll(costs),
		};
	});
}

export interface ModelVerdict {
	readonly test: string;
	readonly pairedBy: string;
	readonly difference: number;
	/** Null where there is none; NaN where Welch's interval is, which has no closed form. */
	readonly low: number | null;
	readonly high: number | null;
	/** By itself. */
	readonly pValue: number | null;
}

/**
 * What up to three seeds say of two groups: the paired t test over the seeds that both have, from three of them; with fewer, or with
 * other seeds, no claim.
 */
export function modelVerdict(a: ModelGroup, b: ModelGroup): ModelVerdict {
	const common = a.seeds.filter((seed) => b.seeds.includes(seed));
	const fewer = Math.min(a.seeds.length, b.seeds.length);
	if (common.length === 0 || (common.length < fewer && common.length < 3)) {
		const end = fewer < 2 ? null : Number.NaN;
		return { ...{ test: 'none', pairedBy: 'nothing', difference: a.mean - b.mean, low: end, high: end }, pValue: null };
	}
	const ofSeed = (group: ModelGroup, seed: number) => group.values[group.seeds.indexOf(seed)] as number;
	const differences = common.map((seed) => ofSeed(a, seed) - ofSeed(b, seed));
	const difference = meanOfAll(differences);
	if (common.length < 2)
		return { ...{ test: 'none', pairedBy: 'seed', difference, low: null, high: null }, pValue: null };
	const error = sdOf(differences) / Math.sqrt(common.length);
	const half = tOf(common.length) * error;
	const paired = { pairedBy: 'seed', difference, low: difference - half, high: difference + half };
	if (common.length < 3) return { ...paired, test: 'none', pValue: null };
	const t = difference === 0 && error === 0 ? 0 : difference / error;
	return { ...paired, test: 'paired t', pValue: twoSided(t, 2) };
}

/** Holm: the smallest times how many there are, the next one times one fewer, and so on; never less than the one before. */
export function byHolm(pValues: readonly (number | null)[]): (number | null)[] {
	const given = pValues.filter((value) => value !== null).sort((a, b) => a - b);
	return pValues.map((value) => {
		if (value === null) return null;
		const upTo = given.slice(0, given.indexOf(value) + 1);
		return Math.min(1, Math.max(...upTo.map((one, at) => one * (given.length - at))));
	});
}

/** Groups that no other one beats in mean and cost. */
export function modelFront<T extends { readonly mean: number; readonly cost: number }>(
	groups: readonly T[],
	direction: Direction,
): readonly T[] {
	const gain = ({ mean }: T) => (direction === 'MAXIMIZE' ? mean : -mean);
	const beats = (a: T, b: T) => gain(a) >= gain(b) && a.cost <= b.cost && (gain(a) > gain(b) || a.cost < b.cost);
	return groups.filter((group) => !groups.some((rival) => beats(rival, group)));
}
