import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which chunks are closed is said by a column of its own, so that open ones may have cells too. Until now only closed ones had. */
export class OpenPyramid1795914000000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query(`
			ALTER TABLE metric_chunk ADD COLUMN closed boolean NOT NULL DEFAULT true;
			UPDATE metric_chunk SET closed = false WHERE levels IS NULL;
			ALTER TABLE metric_chunk ALTER COLUMN closed DROP DEFAULT;
		`);
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query(`
			UPDATE metric_chunk SET levels = NULL, level_ends = NULL, cells = NULL WHERE NOT closed;
			ALTER TABLE metric_chunk DROP COLUMN closed;
		`);
	}
}
