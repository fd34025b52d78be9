import { startEmbeddedPostgres } from '@graft/database/embedded-postgres';
import { createLogger } from '@graft/runtime/logger';
import pg from 'pg';

/** A PostgreSQL of its own on a folder: started, or found where it was killed and started again. */
export async function startServer(dataDir: string): Promise<{ readonly url: string; stop(): Promise<void> }> {
	return startEmbeddedPostgres({ dataDir, logger: createLogger('chaos-database', 'silent') });
}

const ASK_MS = 30_000;

/** One question in SQL, on a connection of its own. Rejects where the server is away, stands still, or goes meanwhile. */
export async function ask<Row extends object>(
	url: string,
	text: string,
	values: readonly unknown[] = [],
): Promise<Row[]> {
	const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ASK_MS, query_timeout: ASK_MS });
	// A server that is killed breaks the connection too, which without a listener would end this process.
	client.on('error', () => undefined);
	await client.connect();
	try {
		return (await client.query<Row & pg.QueryResultRow>(text, [...values])).rows;
	} finally {
		await client.end().catch(() => undefined);
	}
}
