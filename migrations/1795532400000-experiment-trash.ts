import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An experiment that was deleted, and can be restored for a while with the runs that went with it. */
export class ExperimentTrash1795532400000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query('ALTER TABLE experiment ADD COLUMN deleted_at timestamptz');
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query('ALTER TABLE experiment DROP COLUMN deleted_at');
	}
}
