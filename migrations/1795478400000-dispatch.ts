import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs that ask for a kind of worker, and a queue that is fair between experiments. */
export class Dispatch1795478400000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query(`
			ALTER TABLE run ADD COLUMN requires jsonb NOT NULL DEFAULT '{}';
			DROP INDEX run_queue_index;
			-- A lane is what one experiment asks of one kind of worker at one priority: its runs stand together, oldest first.
			CREATE INDEX run_lane_index ON run (priority DESC, experiment_id, requires, queued_at, id)
				WHERE status = 'QUEUED' AND deleted_at IS NULL;
			CREATE INDEX run_training_index ON run (experiment_id) WHERE status = 'RUNNING' AND spec IS NOT NULL;
		`);
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query(`
			DROP INDEX run_training_index, run_lane_index;
			CREATE INDEX run_queue_index ON run (priority DESC, queued_at, id)
				WHERE status = 'QUEUED' AND deleted_at IS NULL;
			ALTER TABLE run DROP COLUMN requires;
		`);
	}
}
