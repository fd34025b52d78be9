import type { Direction } from '../experiment/index.js';
import { holm, seedsNeeded } from '../statistics/index.js';
import type { ComparisonGroup, Verdict, VerdictKind } from './comparison.js';
import { type Evidence, FEWEST_SEEDS, isTestable, weigh } from './evidence.js';

export interface VerdictSettings {
	/** Differences smaller than this do not matter, in the metric's own unit. */
	readonly equivalenceMargin: number;
	/** Chance of calling a difference that is none, over all verdicts of the comparison. */
	readonly alpha: number;
}
/** Half a point of accuracy and of other shares; of what has no upper bound, half a percent of the best. */
const MARGIN = 0.005;
const UNBOUNDED = /(^|_)(loss|mae|mse|rmse|perplexity)$/i;

export const verdictSettings = (metric: string, best: number | undefined): VerdictSettings => ({
	equivalenceMargin:
		UNBOUNDED.test(metric) && best !== undefined ? Number((MARGIN * Math.abs(best)).toPrecision(2)) : MARGIN,
	alpha: 0.05,
});

/** Judges each pair; the p-values are adjusted by Holm's method over all of them. */
export function judge(
	contests: readonly (readonly [a: ComparisonGroup, b: ComparisonGroup])[],
	direction: Direction,
	settings: VerdictSettings,
): Verdict[] {
	const comparisons = contests.filter(([a, b]) => isTestable(a, b)).length;
	const weighed = contests.map(([a, b]) => ({ a, b, evidence: weigh(a, b, comparisons, settings.alpha) }));
	const adjusted = holm(weighed.flatMap(({ evidence }) => (evidence.pValue === null ? [] : [evidence.pValue])));
	return weighed.map(({ a, b, evidence }) => {
		const pValue = evidence.pValue === null ? null : (adjusted.shift() ?? null);
		const kind = verdictKind(evidence, pValue, direction, settings);
		return {
			a: a.id,
			b: b.id,
			kind,
			difference: evidence.difference,
			ciLow: evidence.ci95?.low ?? null,
			ciHigh: evidence.ci95?.high ?? null,
			pValue,
			test: evidence.test,
			pairedBy: evidence.pairedBy,
			moreSeedsNeeded: kind === 'INCONCLUSIVE' ? moreSeeds(evidence, comparisons, settings) : null,
			note: note(evidence, a, b),
		};
	});
}

function verdictKind(
	{ ci95, ci90 }: Evidence,
	pValue: number | null,
	direction: Direction,
	{ equivalenceMargin, alpha }: VerdictSettings,
): VerdictKind {
	if (pValue === null || ci95 === null || ci90 === null) return 'INCONCLUSIVE';
	const significant = pValue <= alpha;
	if (significant && ci95.low > 0) return direction === 'MAXIMIZE' ? 'BETTER' : 'WORSE';
	if (significant && ci95.high < 0) return direction === 'MAXIMIZE' ? 'WORSE' : 'BETTER';
	// Two one-sided tests at 5 % each: the 90 % interval lies within the margin.
	return ci90.low > -equivalenceMargin && ci90.high < equivalenceMargin ? 'EQUIVALENT' : 'INCONCLUSIVE';
}

/** To see the difference found so far, or one of the margin's size where that is larger, at 80 % power. */
function moreSeeds({ difference, sd, n }: Evidence, comparisons: number, settings: VerdictSettings): number | null {
	if (n < FEWEST_SEEDS) return FEWEST_SEEDS - n;
	if (sd === null) return null;
	const size = Math.max(Math.abs(difference), settings.equivalenceMargin);
	const needed = seedsNeeded(size / sd, { alpha: settings.alpha / Math.max(1, comparisons), power: 0.8 });
	return needed === null ? null : Math.max(1, needed - n);
}

function note({ test, pairedBy, n }: Evidence, a: ComparisonGroup, b: ComparisonGroup): string {
	if (test === 'none' && n >= FEWEST_SEEDS) return 'The values are too large to be set against each other.';
	if (test === 'none') return `${count(n)}: too few for any claim, ${FEWEST_SEEDS} are the least.`;
	const left = Math.max(a.n, b.n) - n;
	const basis =
		pairedBy === 'seed'
			? `Paired over ${count(n)}${left > 0 ? ` (${left} more without a partner)` : ''}`
			: `Not paired: the groups have other seeds (${a.n} and ${b.n} values)`;
	return test === 'exact sign-flip' ? `${basis}.` : `${basis}; too few seeds for a distribution-free claim.`;
}

const count = (n: number): string => (n === 1 ? '1 seed' : `${n} seeds`);
