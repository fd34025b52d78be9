import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An event that is sent again because its answer was lost is told by the id that its sender gave it. */
export class EventSenderId1795492800000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query(`
			ALTER TABLE run_event ADD COLUMN sender_id uuid;
			CREATE UNIQUE INDEX run_event_sender_id_unique ON run_event (run_id, sender_id) WHERE sender_id IS NOT NULL;
		`);
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query('ALTER TABLE run_event DROP COLUMN sender_id');
	}
}
