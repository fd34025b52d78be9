/**
 * `run_id`, `attempt` and `last_step` of the attempts of the runs $1: of each the last step that counts, since a later one that
 * resumed supersedes what comes after its start. $2 is the last attempt that is looked at, null: whatever there is. So what a
 * later attempt superseded is found again as the record stood before it.
 */
export const VISIBLE = `
	visible AS (
		SELECT run_id, number AS attempt, min(coalesce(resumed_from_step, -1)) OVER (
			PARTITION BY run_id ORDER BY number DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_step
		FROM attempt WHERE run_id = ANY($1::uuid[]) AND ($2::integer IS NULL OR number <= $2)
	)`;
