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
	/** In the trash since then. */
	readonly deletedAt: Date | null;
}

/** What the name of a metric says: less loss, error and perplexity are better, of all else more is. */
export const directionOf = (metric: string): Direction =>
	/loss|error|(^|_)(mae|mse|rmse|perplexity)$/i.test(metric) ? 'MINIMIZE' : 'MAXIMIZE';
