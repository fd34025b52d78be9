import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A worker that was told to take no more runs. */
export class WorkerDrain1795503600000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query('ALTER TABLE worker ADD COLUMN drain_requested_at timestamptz');
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query('ALTER TABLE worker DROP COLUMN drain_requested_at');
	}
}
