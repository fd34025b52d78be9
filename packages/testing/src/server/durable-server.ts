import { openDatabase } from '@graft/database/connection';
import { startEmbeddedPostgres } from '@graft/database/embedded-postgres';
import { createLogger } from '@graft/runtime/logger';

/** A PostgreSQL as users have it, fsync on; for benchmarks, which look at what the platform has stored. */
export interface DurableServer {
	readonly url: string;
	query<Row>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
	stop(): Promise<void>;
}

export async function startDurableServer(dataDir: string): Promise<DurableServer> {
	const logger = createLogger('bench-database', 'error');
	const server = await startEmbeddedPostgres({ dataDir, logger });
	const database = await openDatabase({ url: server.url, logger, poolSize: 2 });
	return {
		url: server.url,
		query: (text, values) => database.query({ name: '', text }, values),
		stop: async () => {
			await database.close();
			await server.stop();
		},
	};
}
