export { bandOverRuns, type MetricBandPoints } from './band.js';
export { bucketPoints } from './bucket-points.js';
export type {
	MetricBatch,
	MetricBucketSeries,
	MetricFrame,
	MetricPoints,
	MetricSummary,
	SummaryPoint,
} from './metric.js';
export { METRIC_LIMITS } from './metric.js';
