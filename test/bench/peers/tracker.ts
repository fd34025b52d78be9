/** What is asked of every tracking server alike. */
export interface Tracker {
	readonly name: string;
	/** A run with one setting, `lr`. */
	createRun(lr: number): Promise<string>;
	/** Points of one batch, of `keys` series at consecutive steps. */
	logBatch(run: string, batch: Batch): Promise<void>;
	/** The whole series `metric_0` of a run; answers its points. */
	readSeries(run: string): Promise<number>;
	/** The 50 best runs by the last value of `metric_0`, of those with lr above 0.5; answers how many came. */
	searchRuns(): Promise<number>;
	stop(): Promise<void>;
}

export interface Batch {
	readonly number: number;
	readonly keys: number;
	readonly firstStep: number;
	readonly values: readonly number[];
}
