import type { MetricBatch } from '@graft/domain/metric';
import type { Session, Statement } from '../connection/index.js';
import { encodeBatch } from './batch-codec.js';
import { doubleText, type SeriesSummary, summarize } from './summarize.js';

/**
 * Fence, order, points and summaries in one statement, so that a batch is stored wholly or not at all and costs one round
 * trip. The UPDATE of the attempt is the gate: it takes the row only when the token is right, the attempt lives and the
 * batch is the next one; two equal batches at once wait for each other there, and the second one is no longer the next.
 * A statement that has waited goes on with the snapshot from before its wait. So nothing here reads the series or batches
 * of the batch before: the keys are text (no look-up of an id), and the summaries are merged by ON CONFLICT, which always
 * meets the newest row.
 */
const append: Statement = {
	name: 'append-metrics',
	text: `
		WITH gate AS (
			UPDATE attempt SET last_metric_sequence = $3
			WHERE run_id = $1 AND token_hash = $2 AND ended_at IS NULL AND last_metric_sequence = $3 - 1
			RETURNING number
		), batch AS (
			INSERT INTO metric_batch (experiment_id, run_id, attempt, sequence, points, body)
			SELECT run.experiment_id, $1, gate.number, $3, $4, $5 FROM gate, run WHERE run.id = $1 AND $4 > 0
		), summaries AS (
			INSERT INTO metric_series AS kept (run_id, attempt, key, count, non_finite, first_step, last_step, last_value,
				min_value, min_step, max_value, max_step)
			SELECT $1, gate.number, given.* FROM gate, unnest($6::text[], $7::bigint[], $8::bigint[], $9::bigint[],
				$10::bigint[], $11::float8[], $12::float8[], $13::bigint[], $14::float8[], $15::bigint[]) AS given
			ON CONFLICT (run_id, attempt, key) DO UPDATE SET
				count = kept.count + excluded.count,
				non_finite = kept.non_finite + excluded.non_finite,
				first_step = least(kept.first_step, excluded.first_step),
				last_step = greatest(kept.last_step, excluded.last_step),
				last_value = CASE WHEN excluded.last_step >= kept.last_step THEN excluded.last_value ELSE kept.last_value END,
				min_value = least(kept.min_value, excluded.min_value),
				min_step = CASE WHEN kept.min_value <= excluded.min_value OR excluded.min_value IS NULL
					THEN kept.min_step ELSE excluded.min_step END,
				max_value = greatest(kept.max_value, excluded.max_value),
				max_step = CASE WHEN kept.max_value >= excluded.max_value OR excluded.max_value IS NULL
					THEN kept.max_step ELSE excluded.max_step END
		)
		SELECT number FROM gate`,
};

/**
 * The number of the attempt that has it now. Null: the gate was shut, and the attempt's row says why. Each key occurs once in
 * the batch. Times are kept in whole milliseconds.
 */
export async function appendMetrics(
	session: Session,
	runId: string,
	tokenHash: Buffer,
	{ sequence, series }: MetricBatch,
): Promise<number | null> {
	const filled = series
		.filter(({ steps }) => steps.length > 0)
		.map((one) => ({ ...one, times: one.times.map(Math.round) }));
	const rows = filled.map(summarize);
	const column = (of: (row: SeriesSummary) => string | number | null) => rows.map(of);
	const [stored] = await session.query<{ number: number }>(append, [
		...[runId, tokenHash, sequence],
		...[rows.reduce((sum, { count }) => sum + count, 0), encodeBatch(filled)],
		...[column((row) => row.key), column((row) => row.count), column((row) => row.nonFinite)],
		...[column((row) => row.firstStep), column((row) => row.lastStep), column((row) => doubleText(row.lastValue))],
		...[column((row) => doubleText(row.minValue)), column((row) => row.minStep)],
		...[column((row) => doubleText(row.maxValue)), column((row) => row.maxStep)],
	]);
	return stored?.number ?? null;
}
