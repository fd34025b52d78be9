export { appendMetricGroup, appendMetrics, type MetricAppend } from './append-metrics.sql.js';
export type { BatchPosition, BatchRange } from './batch-range.js';
export {
	type CompactionCandidate,
	type CompactionThresholds,
	compactAttempt,
	findCompactionCandidates,
} from './compact.sql.js';
export { compactTogether } from './compact-together.sql.js';
export { findLastPositions } from './last-positions.sql.js';
export type { MetricSeriesEntity } from './metric-series.entity.js';
export { readBatchesAfter } from './read-after.sql.js';
export { type CellOptions, type CellQuery, readCells } from './read-cells.js';
export { readSeries } from './read-series.sql.js';
export { extentOf, findRunRecords, type RunRecord } from './run-records.sql.js';
export { carryOverSummaries, findMetricKeys, findSummaries, type MetricKeysWanted } from './series.sql.js';
export { settleCheckpoints } from './settle-checkpoints.sql.js';
