export type Direction = 'MAXIMIZE' | 'MINIMIZE';

/** A question: which strategy, on which backbone, for this data? Runs are its evidence. */
export interface Experiment {
	readonly id: string;
	readonly name: string;
	readonly description: string | null;
	/** Key of the metric that decides, such as `test_accuracy`. */
	readonly metric: string;
	readonly direction: Direction;
	readonly createdAt: Date;
}
