export { appendMetrics } from './append-metrics.sql.js';
export type { MetricSeriesEntity } from './metric-series.entity.js';
export { type BatchPosition, type BatchRange, readBatchesAfter } from './read-after.sql.js';
export { countPoints, readSeries } from './read-series.sql.js';
export { carryOverSummaries, findMetricKeys, findSummaries } from './series.sql.js';
