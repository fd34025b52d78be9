import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was found at import about a dataset, for people. Older ones have none. */
export class DatasetStatistics1795482000000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query('ALTER TABLE dataset ADD COLUMN statistics jsonb');
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query('ALTER TABLE dataset DROP COLUMN statistics');
	}
}
