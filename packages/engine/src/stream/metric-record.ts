import type { Database } from '@graft/database/connection';
import { readBatchesAfter } from '@graft/database/metric';
import type { MetricRecord } from './metric-tail.js';

/** The record, as a stream reads it. */
export const metricRecord = (database: Database): MetricRecord => ({
	readAfter: (runId, after, until) => readBatchesAfter(database, runId, after, until),
});
