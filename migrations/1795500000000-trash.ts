import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the runs whose time in the trash is over. */
export class Trash1795500000000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query('CREATE INDEX run_trash_index ON run (deleted_at) WHERE deleted_at IS NOT NULL');
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query('DROP INDEX run_trash_index');
	}
}
