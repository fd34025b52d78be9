export { type BandMember, bandOverRuns, type MetricBandPoints } from './band.js';
export { type Axis, bucketCells } from './bucket-cells.js';
export { type BucketIndex, bucketIndex, equalWidths, stepCells } from './bucket-index.js';
export { type Cells, cellOf, cellsOfPoints, coarsen, joinCells, levelFor, type NonFiniteCell } from './cells.js';
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
