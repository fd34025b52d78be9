import { CHECKPOINT_KIND } from '@graft/domain/artifact';
import type { Session, Statement } from '../connection/index.js';

/**
 * Of one step the newest counts; those after the step from which a later attempt resumed do not, nor any before one that began anew.
 */
const gather: Statement = {
	name: 'gather-checkpoints',
	text: `
		WITH visible AS (
			SELECT run_id, number AS attempt, min(coalesce(resumed_from_step, -1)) OVER (
				PARTITION BY run_id ORDER BY number DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_step
			FROM attempt WHERE run_id = ANY($1::uuid[]) AND number <= $2
		), counting AS (
			SELECT DISTINCT ON (step) step, id FROM artifact JOIN visible USING (run_id, attempt)
			WHERE kind = $3 AND step IS NOT NULL AND (last_step IS NULL OR step <= last_step)
			ORDER BY step, attempt DESC, id DESC
		)
		UPDATE attempt SET checkpoints = (SELECT jsonb_object_agg(step::text, id) FROM counting)
		WHERE run_id = ANY($1::uuid[]) AND number = $2`,
};
const settle: Statement = {
	name: 'settle-checkpoints',
	text: `
		UPDATE metric_series AS series
		SET last_checkpoint_id = fresh.last, min_checkpoint_id = fresh.min, max_checkpoint_id = fresh.max
		FROM attempt, metric_series AS same, LATERAL (SELECT
			(checkpoints ->> same.last_step::text)::uuid AS last,
			(checkpoints ->> same.min_step::text)::uuid AS min,
			(checkpoints ->> same.max_step::text)::uuid AS max) AS fresh
		WHERE attempt.run_id = $1 AND attempt.number = $2 AND same.run_id = $1 AND same.attempt = $2
			AND series.run_id = $1 AND series.attempt = $2 AND series.key = same.key
			AND (series.last_checkpoint_id, series.min_checkpoint_id, series.max_checkpoint_id)
				IS DISTINCT FROM (fresh.last, fresh.min, fresh.max)`,
};

/**
 * Notes with an attempt, and with the summaries of its series, which of the run's checkpoints are those of their steps. For
 * whoever holds the attempt's row and has changed the run's files or what the attempt resumed from.
 */
export async function settleCheckpoints(session: Session, runId: string, attempt: number): Promise<void> {
	await session.query(gather, [[runId], attempt, CHECKPOINT_KIND]);
	await session.query(settle, [runId, attempt]);
}
