export { appendMetrics } from './append-metrics.sql.js';
export type { MetricSeriesEntity } from './metric-series.entity.js';
export { METRICS_START, type MetricPosition, readMetricFrames, type StoredFrame } from './read-frames.sql.js';
export { countPoints, readSeries } from './read-series.sql.js';
export { carryOverSummaries, findMetricKeys, findSummaries } from './series.sql.js';
