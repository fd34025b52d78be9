import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs that failed wait before they are offered again. */
export class Retries1795496400000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query(`
			ALTER TABLE run ADD COLUMN retry_at timestamptz;
			DROP INDEX run_lane_index;
			-- Runs that wait are not candidates; whoever finds one due sets its time to null, which brings it in here.
			CREATE INDEX run_lane_index ON run (priority DESC, experiment_id, requires, queued_at, id)
				WHERE status = 'QUEUED' AND deleted_at IS NULL AND retry_at IS NULL;
			CREATE INDEX run_retry_index ON run (retry_at) WHERE retry_at IS NOT NULL;
		`);
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query(`
			DROP INDEX run_retry_index, run_lane_index;
			CREATE INDEX run_lane_index ON run (priority DESC, experiment_id, requires, queued_at, id)
				WHERE status = 'QUEUED' AND deleted_at IS NULL;
			ALTER TABLE run DROP COLUMN retry_at;
		`);
	}
}
