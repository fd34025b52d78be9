import { randomUUID } from 'node:crypto';
import { type Database, openDatabase } from '@graft/database/connection';
import { createLogger } from '@graft/runtime/logger';
import { inject } from 'vitest';
import { createDatabase, dropDatabase, urlOfDatabase } from './administer.js';
import './global-setup.js';

export interface TestDatabase {
	readonly url: string;
	readonly database: Database;
	/** A second, independent pool, as another process would have it. */
	open(): Promise<Database>;
	drop(): Promise<void>;
}

/** A database of its own for one test file or test: a clone of the migrated template (about 40 ms), or an empty one. */
export async function createTestDatabase(from: 'template' | 'empty' = 'template'): Promise<TestDatabase> {
	const server = inject('graftTestServer');
	const name = `test_${randomUUID().replaceAll('-', '')}`;
	await createDatabase(server.url, name, from === 'template' ? server.template : undefined);
	const url = urlOfDatabase(server.url, name);
	const logger = createLogger('test', process.env.GRAFT_LOG_LEVEL ?? 'error');
	const opened: Database[] = [];
	const open = async () => {
		const database = await openDatabase({ url, logger });
		opened.push(database);
		return database;
	};
	return {
		url,
		database: await open(),
		open,
		drop: async () => {
			await Promise.all(opened.map((database) => database.close()));
			await dropDatabase(server.url, name);
		},
	};
}
