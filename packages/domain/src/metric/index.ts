export { bandOverRuns, type MetricBandPoints } from './band.js';
export type { BucketRange } from './bucket-index.js';
export { type BucketedPoints, bucketPoints } from './bucket-points.js';
export type {
	LiveMetrics,
	LiveSeries,
	MetricBatch,
	MetricBucketSeries,
	MetricFrame,
	MetricPoints,
	MetricSummary,
	SummaryPoint,
} from './metric.js';
export { METRIC_LIMITS } from './metric.js';
export { type VisibleRange, visibleRanges } from './visible-ranges.js';
