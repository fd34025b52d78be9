import type { Database } from '@graft/database/connection';
import { readBatchesAfter } from '@graft/database/metric';
import type { MetricSource } from './metric-stream.js';

/** The record, as a stream reads it. */
export const metricSource = (database: Database): MetricSource => ({
	readAfter: (runId, after, until) => readBatchesAfter(database, runId, after, until),
});
