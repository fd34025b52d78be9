import type { Direction } from '../experiment/index.js';
import type { JsonObject } from '../json/index.js';
import type { Strategy } from '../strategy/index.js';

/** One finished run as evidence. */
export interface ComparisonRun {
	readonly runId: string;
	readonly backboneId: string | null;
	readonly datasetId: string | null;
	readonly strategy: Strategy | null;
	/** What else tells groups apart: epochs, batch size, labels a class … Runs are compared within equal conditions only. */
	readonly conditions?: JsonObject | null;
	/** For labels and sentences, where several are compared; the id stands in for a missing name. */
	readonly backboneName?: string | null;
	readonly datasetName?: string | null;
	readonly seed: number | null;
	/** Summary of the deciding metric; null where the run has none (it then does not count). */
	readonly value: number | null;
	readonly trainableParameters: number | null;
	readonly seconds: number | null;
	/** Multiply-accumulates of the whole run. */
	readonly compute: number | null;
}

export interface ComparisonGroup {
	/** Stable: digest-like key of backbone, dataset and strategy. */
	readonly id: string;
	readonly backboneId: string | null;
	readonly datasetId: string | null;
	readonly strategy: Strategy | null;
	readonly conditions: JsonObject;
	/** Differs between the groups of one comparison. */
	readonly label: string;
	/** Independent values: runs that repeat a seed count once, with their mean. */
	readonly n: number;
	readonly seeds: readonly number[];
	/** In the order of `seeds`; after them the values of runs without a seed. */
	readonly values: readonly number[];
	readonly mean: number;
	/** n - 1 in the denominator; null for n < 2. */
	readonly sd: number | null;
	/** 95 % t interval of the mean; null for n < 2. */
	readonly ciLow: number | null;
	readonly ciHigh: number | null;
	readonly trainableParameters: number | null;
	readonly secondsPerRun: number | null;
	readonly computePerRun: number | null;
}

export type VerdictKind = 'BETTER' | 'WORSE' | 'EQUIVALENT' | 'INCONCLUSIVE';
/** What is known of a against b; `difference` is mean(a) - mean(b) in the metric's own unit. */
export interface Verdict {
	readonly a: string;
	readonly b: string;
	readonly kind: VerdictKind;
	readonly difference: number;
	/** 95 % interval of the difference; null with fewer than two seeds. */
	readonly ciLow: number | null;
	readonly ciHigh: number | null;
	/** Holm-adjusted over the comparison's verdicts. */
	readonly pValue: number | null;
	readonly test: 'exact sign-flip' | 'paired t' | 'Welch t' | 'none';
	readonly pairedBy: 'seed' | 'nothing';
	/** For INCONCLUSIVE: about how many more seeds for each of the two; null where not even a thousand would do. */
	readonly moreSeedsNeeded: number | null;
	readonly note: string;
}
export interface Recommendation {
	readonly group: string;
	/** One sentence for a person. */
	readonly reason: string;
}
export interface Comparison {
	readonly metric: string;
	readonly direction: Direction;
	/** Best mean first. */
	readonly groups: readonly ComparisonGroup[];
	/** On each data set, the best group against each other group. */
	readonly verdicts: readonly Verdict[];
	readonly recommendation: Recommendation | null;
	/** Groups that no other group on the same data beats in both mean and cost. */
	readonly paretoFront: readonly string[];
}
