import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The checkpoint of a summary's step, kept beside the step: before, it was looked for among the run's files whenever a
 * summary was read, and one of a superseded attempt could be found. An attempt keeps the checkpoints that count for it by
 * their step, so that points that come after their checkpoint find it under the same lock.
 */
export class SummaryCheckpoints1795536000000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query(UP);
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query(DOWN);
	}
}

/** What stands here is what settleCheckpoints in packages/database/src/metric does, for the latest attempt of each run. */
const UP = `
	ALTER TABLE attempt ADD COLUMN checkpoints jsonb;
	ALTER TABLE metric_series
		ADD COLUMN last_checkpoint_id uuid, ADD COLUMN min_checkpoint_id uuid, ADD COLUMN max_checkpoint_id uuid;
	WITH visible AS (
		SELECT run_id, number, max(number) OVER (PARTITION BY run_id) AS latest, min(coalesce(resumed_from_step, -1)) OVER (
			PARTITION BY run_id ORDER BY number DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS last_step
		FROM attempt
	), counting AS (
		SELECT DISTINCT ON (run_id, step) run_id, latest, step, id
		FROM artifact JOIN visible USING (run_id)
		WHERE artifact.attempt = visible.number AND kind = 'checkpoint' AND step IS NOT NULL
			AND (last_step IS NULL OR step <= last_step)
		ORDER BY run_id, step, attempt DESC, id DESC
	), kept AS (
		SELECT run_id, latest, jsonb_object_agg(step::text, id) AS checkpoints FROM counting GROUP BY run_id, latest
	)
	UPDATE attempt SET checkpoints = kept.checkpoints FROM kept
	WHERE attempt.run_id = kept.run_id AND attempt.number = kept.latest;
	UPDATE metric_series AS series SET
		last_checkpoint_id = (checkpoints ->> last_step::text)::uuid,
		min_checkpoint_id = (checkpoints ->> min_step::text)::uuid,
		max_checkpoint_id = (checkpoints ->> max_step::text)::uuid
	FROM attempt
	WHERE attempt.run_id = series.run_id AND attempt.number = series.attempt AND checkpoints IS NOT NULL;
`;

const DOWN = `
	ALTER TABLE metric_series
		DROP COLUMN last_checkpoint_id, DROP COLUMN min_checkpoint_id, DROP COLUMN max_checkpoint_id;
	ALTER TABLE attempt DROP COLUMN checkpoints;
`;
