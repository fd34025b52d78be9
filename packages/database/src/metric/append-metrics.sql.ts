import type { MetricBatch } from '@graft/domain/metric';
import { bigints, byteas, doubles, integers, texts, uuids } from '../connection/binary-array.js';
import type { Session, Statement } from '../connection/index.js';
import { encodeBatch } from './batch-codec.js';
import { type SeriesSummary, summarize } from './summarize.js';

/** The next batch of an attempt, as the holder of the token sends it. Each key occurs once in it. */
export interface MetricAppend {
	readonly runId: string;
	readonly tokenHash: Buffer;
	readonly batch: MetricBatch;
}

/**
 * Fence, order, points and summaries of any number of batches in one statement, so that a batch is stored wholly or not at all,
 * and all of them cost one round trip and one flush of the log. The lock on the attempt is the gate: it is had only when the
 * token is right, the attempt lives and the batch is the next one; two equal batches at once meet there, and the second one is no
 * longer the next. The LATERAL with its LIMIT makes it a look-up for each batch, whatever the planner believes of the tables. The
 * sub-selects hide how long the arrays are: a plan for each length would seem cheaper than one for all, and planning costs half as
 * much again as everything else.
 * A statement that has waited goes on with the snapshot from before its wait. So nothing here reads the series or batches
 * of the batch before: the keys are text (no look-up of an id), and the summaries are merged by ON CONFLICT, which always
 * meets the newest row; the checkpoints of their steps are read from the row that the gate locks.
 */
const append = (name: string, wait: string): Statement => ({
	name,
	text: `
		WITH given AS (
			SELECT * FROM unnest((SELECT $1::uuid[]), (SELECT $2::bytea[]), (SELECT $3::bigint[])) WITH ORDINALITY
				AS given(run_id, token_hash, sequence, place)
		), gate AS MATERIALIZED (
			SELECT given.place, given.sequence, held.run_id, held.number, held.experiment_id, held.checkpoints
			FROM given, LATERAL (
				SELECT attempt.run_id, attempt.number, attempt.checkpoints, run.experiment_id
				FROM attempt JOIN run ON run.id = attempt.run_id
				WHERE attempt.run_id = given.run_id AND attempt.token_hash = given.token_hash AND attempt.ended_at IS NULL
					AND attempt.last_metric_sequence = given.sequence - 1
				LIMIT 1 FOR NO KEY UPDATE OF attempt ${wait}
			) AS held
		), counted AS (
			UPDATE attempt SET last_metric_sequence = gate.sequence FROM gate
			WHERE attempt.run_id = gate.run_id AND attempt.number = gate.number
		), batch AS (
			INSERT INTO metric_batch (experiment_id, run_id, attempt, sequence, points, body)
			SELECT experiment_id, run_id, number, sequence, ($4::integer[])[place], ($5::bytea[])[place]
			FROM gate WHERE ($4::integer[])[place] > 0
		), summaries AS (
			INSERT INTO metric_series AS kept (run_id, attempt, key, count, non_finite, first_step, last_step, last_value,
				min_value, min_step, max_value, max_step, last_checkpoint_id, min_checkpoint_id, max_checkpoint_id)
			SELECT gate.run_id, gate.number, given.key, given.count, given.non_finite, given.first_step, given.last_step,
				given.last_value, given.min_value, given.min_step, given.max_value, given.max_step,
				(checkpoints ->> given.last_step::text)::uuid, (checkpoints ->> given.min_step::text)::uuid,
				(checkpoints ->> given.max_step::text)::uuid
			FROM gate JOIN unnest((SELECT $6::integer[]), (SELECT $7::text[]), (SELECT $8::bigint[]), (SELECT $9::bigint[]),
				(SELECT $10::bigint[]), (SELECT $11::bigint[]), (SELECT $12::float8[]), (SELECT $13::float8[]), (SELECT $14::bigint[]),
				(SELECT $15::float8[]), (SELECT $16::bigint[])) AS given(place, key, count, non_finite, first_step, last_step,
				last_value, min_value, min_step, max_value, max_step) ON given.place = gate.place
			ON CONFLICT (run_id, attempt, key) DO UPDATE SET
				count = kept.count + excluded.count,
				non_finite = kept.non_finite + excluded.non_finite,
				first_step = least(kept.first_step, excluded.first_step),
				last_step = greatest(kept.last_step, excluded.last_step),
				last_value = CASE WHEN excluded.last_step >= kept.last_step THEN excluded.last_value ELSE kept.last_value END,
				last_checkpoint_id = CASE WHEN excluded.last_step >= kept.last_step
					THEN excluded.last_checkpoint_id ELSE kept.last_checkpoint_id END,
				min_value = least(kept.min_value, excluded.min_value),
				min_step = CASE WHEN kept.min_value <= excluded.min_value OR excluded.min_value IS NULL
					THEN kept.min_step ELSE excluded.min_step END,
				min_checkpoint_id = CASE WHEN kept.min_value <= excluded.min_value OR excluded.min_value IS NULL
					THEN kept.min_checkpoint_id ELSE excluded.min_checkpoint_id END,
				max_value = greatest(kept.max_value, excluded.max_value),
				max_step = CASE WHEN kept.max_value >= excluded.max_value OR excluded.max_value IS NULL
					THEN kept.max_step ELSE excluded.max_step END,
				max_checkpoint_id = CASE WHEN kept.max_value >= excluded.max_value OR excluded.max_value IS NULL
					THEN kept.max_checkpoint_id ELSE excluded.max_checkpoint_id END
		)
		SELECT place, number FROM gate`,
});
/** Many attempts at once: whoever holds one of them (a run that is finished just now) keeps nobody else waiting, in no order of locks. */
const appendFree = append('append-metrics', 'SKIP LOCKED');
const appendWaiting = append('append-metrics-waiting', '');

/**
 * Stores batches of different attempts, all of them that can be stored. The answer has the number of each batch's attempt; null:
 * the gate was shut, or somebody else had the attempt locked, and nothing was stored of this one.
 */
export function appendMetricGroup(
	session: Session,
	group: readonly MetricAppend[],
): Promise<readonly (number | null)[]> {
	return appendAll(session, appendFree, group);
}

/** Stores one batch, and waits for the attempt where somebody else has it. Null: the gate was shut, and the attempt's row says why. */
export async function appendMetrics(session: Session, one: MetricAppend): Promise<number | null> {
	return (await appendAll(session, appendWaiting, [one]))[0] ?? null;
}

async function appendAll(
	session: Session,
	statement: Statement,
	group: readonly MetricAppend[],
): Promise<readonly (number | null)[]> {
	const places: number[] = [];
	const rows: SeriesSummary[] = [];
	const points: number[] = [];
	const bodies = group.map(({ batch }, index) => {
		const filled = batch.series.filter(({ steps }) => steps.length > 0);
		for (const series of filled) {
			places.push(index + 1);
			rows.push(summarize(series));
		}
		points.push(filled.reduce((sum, { steps }) => sum + steps.length, 0));
		return encodeBatch(filled);
	});
	const stored = await session.query<{ place: number; number: number }>(statement, [
		...[uuids(group.map(({ runId }) => runId)), byteas(group.map(({ tokenHash }) => tokenHash))],
		...[bigints(group.map(({ batch }) => batch.sequence)), integers(points), byteas(bodies)],
		...[integers(places), texts(rows.map(({ key }) => key)), bigints(rows.map(({ count }) => count))],
		...[bigints(rows.map(({ nonFinite }) => nonFinite)), bigints(rows.map(({ firstStep }) => firstStep))],
		...[bigints(rows.map(({ lastStep }) => lastStep)), doubles(rows.map(({ lastValue }) => lastValue))],
		...[doubles(rows.map(({ minValue }) => minValue)), bigints(rows.map(({ minStep }) => minStep))],
		...[doubles(rows.map(({ maxValue }) => maxValue)), bigints(rows.map(({ maxStep }) => maxStep))],
	]);
	const numbers = new Array<number | null>(group.length).fill(null);
	for (const { place, number } of stored) numbers[place - 1] = number;
	return numbers;
}
