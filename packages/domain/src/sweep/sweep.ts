import type { Json, JsonObject } from '../json/index.js';

export type SweepMethod = 'GRID' | 'RANDOM';

/** One swept field. The path is a field of the launch: `strategy.unfreezeFrom`, `strategy.learningRate`, `batchSize` … */
export type SweepParameter =
	| { readonly path: string; readonly kind: 'values'; readonly values: readonly Json[] }
	| {
			readonly path: string;
			readonly kind: 'range';
			readonly min: number;
			readonly max: number;
			readonly scale: 'linear' | 'log';
			readonly integer: boolean;
			/** Values that a grid takes from the range, both ends included; null: the range is for random search only. */
			readonly steps: number | null;
	  };
export interface SweepSpace {
	readonly parameters: readonly SweepParameter[];
}
export interface SweepBudget {
	/** Trials at the most. */
	readonly trials: number;
}
/** Value of each swept field, by path. */
export type TrialOverrides = Readonly<Record<string, Json>>;

export interface Sweep {
	readonly id: string;
	readonly experimentId: string;
	readonly name: string;
	/** RUNNING, PAUSED, STOPPED or FINISHED. */
	readonly status: string;
	readonly method: SweepMethod;
	readonly space: SweepSpace;
	readonly budget: SweepBudget;
	/** The launch that trials vary (backbone, dataset, base strategy, epochs …). */
	readonly base: JsonObject;
	readonly seed: number;
	readonly createdAt: Date;
}
