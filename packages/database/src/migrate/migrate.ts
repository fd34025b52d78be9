import { sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';
import { toGraftError } from '../connection/database-error.js';
import type { Database } from '../connection/index.js';

/** Any constant; it stands for "Graft migrates" among the advisory locks of this database. */
const MIGRATION_LOCK = 7_164_238_001;
const POLL_MS = 100;

/**
 * Brings the schema up to date; answers the names of what ran. Starters may race: TypeORM takes no lock, so one is taken
 * here. It is polled instead of waited for: a waiting statement holds a snapshot, and CREATE INDEX CONCURRENTLY waits
 * for every snapshot, so the two would wait for each other for ever.
 */
export async function migrate(database: Database, logger: Logger): Promise<readonly string[]> {
	const runner = database.dataSource.createQueryRunner();
	let held = false;
	try {
		for (;;) {
			const rows: { locked: boolean }[] = await runner.query('SELECT pg_try_advisory_lock($1) AS locked', [
				MIGRATION_LOCK,
			]);
			held = rows[0]?.locked === true;
			if (held) break;
			await sleep(POLL_MS);
		}
		const ran = (await database.dataSource.runMigrations()).map(({ name }) => name);
		if (ran.length > 0) logger.info({ ran }, 'database schema brought up to date');
		return ran;
	} catch (error) {
		throw toGraftError(error);
	} finally {
		if (held) await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
		await runner.release();
	}
}
