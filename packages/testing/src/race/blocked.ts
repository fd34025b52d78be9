import type { Database } from '@graft/database/connection';

/**
 * Resolves when `count` sessions of this database wait for a lock: the moment in which a race is surely open. It asks
 * the server, again and again, instead of sleeping for a guessed time.
 */
export async function untilBlocked(database: Database, count: number): Promise<void> {
	for (;;) {
		const [row] = await database.query<{ waiting: number }>({
			name: 'count-waiting-sessions',
			text: `SELECT count(*) AS waiting FROM pg_stat_activity
				WHERE datname = current_database() AND wait_event_type = 'Lock'`,
		});
		if ((row?.waiting ?? 0) >= count) return;
	}
}
