/** Points of one series in order of arrival; the three lists are equally long. */
export interface MetricPoints {
	readonly steps: Float64Array;
	readonly values: Float64Array;
	/** Milliseconds since the epoch. */
	readonly times: Float64Array;
}

/** One `logMetrics` call: batch number `sequence` (from 1, without a gap) of one attempt. */
export interface MetricBatch {
	readonly sequence: number;
	readonly series: readonly (MetricPoints & { readonly key: string })[];
}

/** Limits of one batch. A larger one is refused with TooLarge, so that one client cannot hold the server's memory. */
export const METRIC_LIMITS = {
	pointsPerBatch: 100_000,
	seriesPerBatch: 5_000,
	keyLength: 250,
	maxStep: Number.MAX_SAFE_INTEGER,
} as const;

export type SummaryPoint = 'BEST' | 'LAST' | 'MIN' | 'MAX';
export interface MetricSummary {
	readonly value: number | null;
	readonly step: number | null;
	/** False where the series holds a NaN or an infinity. */
	readonly finite: boolean;
	/** The artifact with the weights of the step; null where none was committed. */
	readonly checkpointId: string | null;
}

/** Deterministic buckets over [from, to]: the same points give the same bytes. Empty buckets are left out. */
export interface MetricBucketSeries {
	readonly runId: string;
	readonly key: string;
	/** Points in the range, before bucketing. */
	readonly points: number;
	/** Step (or other x) of the first point of each bucket. */
	readonly steps: Float64Array;
	readonly min: Float64Array;
	readonly max: Float64Array;
	readonly mean: Float64Array;
	readonly nonFinite: readonly { readonly step: number; readonly value: 'NaN' | 'Infinity' | '-Infinity' }[];
}

export interface MetricFrame {
	/** Opaque; covers every run of the stream, so that the last one seen is enough to go on. */
	readonly cursor: string;
	readonly runId: string;
	readonly attempt: number;
	readonly key: string;
	readonly steps: Float64Array;
	readonly values: Float64Array;
}

/** What is new of one series of one run. */
export type LiveSeries = Omit<MetricFrame, 'cursor'>;
/** Everything that is new of the runs of a stream at one moment. The cursor is that of a `MetricFrame`. */
export interface LiveMetrics {
	readonly cursor: string;
	readonly series: readonly LiveSeries[];
}
