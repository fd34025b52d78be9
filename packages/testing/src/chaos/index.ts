import { startEmbeddedPostgres } from '@graft/database/embedded-postgres';
import { createLogger } from '@graft/runtime/logger';
import pg from 'pg';

/** A PostgreSQL of its own on a folder: started, or found where it was killed and started again. */
export async function startServer(dataDir: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
	return startEmbeddedPostgres({ dataDir, logger: createLogger('chaos-database', 'silent') });
}

/** One question in SQL, on a connection of its own. */
export async function ask<Row extends object>(
	url: string,
	text: string,
	values: readonly unknown[] = [],
): Promise<Row[]> {
	const client = new pg.Client({ connectionString: url });
	await client.connect();
	try {
		return (await client.query<Row & pg.QueryResultRow>(text, [...values])).rows;
	} finally {
		await client.end();
	}
}
