import type { MetricBatch } from '@graft/domain/metric';
import type { Session, Statement } from '../connection/index.js';
import { encodeChunk } from './encode-chunk.js';

/**
 * Fence, order, points and summaries in one statement, so that a batch is stored wholly or not at all and costs one round
 * trip. The UPDATE of the attempt is the gate: it takes the row only when the token is right, the attempt lives and the
 * batch is the next one; two equal batches at once wait for each other there, and the second one is no longer the next.
 * A statement that has waited goes on with the snapshot from before its wait. So nothing here reads the series or chunks
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
		), incoming AS (
			SELECT gate.number AS attempt, given.* FROM gate, unnest($4::text[], $5::integer[], $6::integer[], $7::bigint[],
				$8::bigint[], $9::float8[], $10::bigint[], $11::float8[], $12::bigint[], $13::float8[], $14::float8[],
				$15::float8[], $16::bytea[], $17::bytea[], $18::bytea[])
				AS given (key, count, non_finite, min_step, max_step, min_value, min_value_step, max_value, max_value_step,
					sum_value, first_value, last_value, encoded_steps, encoded_times, encoded_values)
		), chunks AS (
			INSERT INTO metric_chunk (run_id, attempt, sequence, key, count, non_finite, min_step, max_step, min_value,
				max_value, sum_value, first_value, last_value, encoded_steps, encoded_times, encoded_values)
			SELECT $1, attempt, $3, key, count, non_finite, min_step, max_step, min_value, max_value, sum_value, first_value,
				last_value, encoded_steps, encoded_times, encoded_values FROM incoming
		), summaries AS (
			INSERT INTO metric_series AS kept (run_id, attempt, key, count, non_finite, last_step, last_value, min_value,
				min_step, max_value, max_step)
			SELECT $1, attempt, key, count, non_finite, max_step, last_value, min_value, min_value_step, max_value,
				max_value_step FROM incoming
			ON CONFLICT (run_id, attempt, key) DO UPDATE SET
				count = kept.count + excluded.count,
				non_finite = kept.non_finite + excluded.non_finite,
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

/** The number of the attempt that has it now. Null: the gate was shut, and the attempt's row says why. Each key occurs once in the batch. */
export async function appendMetrics(
	session: Session,
	runId: string,
	tokenHash: Buffer,
	{ sequence, series }: MetricBatch,
): Promise<number | null> {
	const chunks = series.filter(({ steps }) => steps.length > 0).map(encodeChunk);
	const column = <T>(of: (chunk: (typeof chunks)[number]) => T) => chunks.map(of);
	const rows = await session.query<{ number: number }>(append, [
		...[runId, tokenHash, sequence],
		...[column((chunk) => chunk.key), column((chunk) => chunk.count), column((chunk) => chunk.nonFinite)],
		...[column((chunk) => chunk.minStep), column((chunk) => chunk.maxStep)],
		...[column((chunk) => chunk.minValue), column((chunk) => chunk.minValueStep)],
		...[column((chunk) => chunk.maxValue), column((chunk) => chunk.maxValueStep)],
		...[column((chunk) => chunk.sumValue), column((chunk) => chunk.firstValue), column((chunk) => chunk.lastValue)],
		...[column((chunk) => chunk.encodedSteps), column((chunk) => chunk.encodedTimes)],
		column((chunk) => chunk.encodedValues),
	]);
	return rows[0]?.number ?? null;
}
