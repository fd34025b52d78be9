import 'reflect-metadata';
import type { Logger } from '@graft/runtime/logger';
import type { DataSource, EntityManager } from 'typeorm';
import { createDataSource } from './data-source.js';
import { errorCode, toGraftError } from './database-error.js';

/** SQL text with a name: Postgres parses and plans a named statement once per connection. */
export interface Statement {
	readonly name: string;
	readonly text: string;
}

/** What repositories work with: a connection inside a transaction, or the pool outside of one. */
export interface Session {
	/** TypeORM, for plain reads and inserts. */
	readonly manager: EntityManager;
	/** SQL, for everything that is contended or hot. Rows come as the driver makes them, bigint as number. */
	query<Row>(statement: Statement, values?: readonly unknown[]): Promise<readonly Row[]>;
}

export interface Database extends Session {
	readonly url: string;
	readonly dataSource: DataSource;
	/** One transaction at READ COMMITTED; what `work` throws rolls it back. A deadlock's victim is tried again. */
	transaction<T>(work: (session: Session) => Promise<T>): Promise<T>;
	/** One transaction for reading, whose statements all see the same moment. */
	snapshot<T>(work: (session: Session) => Promise<T>): Promise<T>;
	close(): Promise<void>;
}

export interface OpenDatabase {
	readonly url: string;
	readonly logger: Logger;
	/** Connections at the most; default 10. */
	readonly poolSize?: number;
}

interface Queryable {
	query(config: { name?: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}

const TRIES_AFTER_DEADLOCK = 4;
const CONFLICTS_TO_TRY_AGAIN = new Set(['40001', '40P01']);

/**
 * Connects, and fails at once when the server does not answer.
 * @throws GraftError UNAVAILABLE with what to do.
 */
export async function openDatabase(options: OpenDatabase): Promise<Database> {
	const dataSource = createDataSource(options);
	try {
		await dataSource.initialize();
	} catch (error) {
		throw toGraftError(error);
	}
	const pool = poolOf(dataSource);
	// An idle connection that breaks raises 'error' on the pool; without a listener it would end the process.
	pool.on('error', (error: Error) => options.logger.warn({ err: error }, 'an idle database connection broke'));

	return {
		url: options.url,
		dataSource,
		...sessionOver(dataSource.manager, pool),
		transaction: (work) => inTransaction(dataSource, work),
		snapshot: (work) => inSnapshot(dataSource, work),
		close: async () => {
			if (dataSource.isInitialized) await dataSource.destroy();
		},
	};
}

type Pool = Queryable & { on(event: 'error', listener: (error: Error) => void): void };
/** TypeORM's own pool, so that its connections and ours are counted once. */
const poolOf = (dataSource: DataSource): Pool => (dataSource.driver as unknown as { master: Pool }).master;

function sessionOver(manager: EntityManager, connection: Queryable): Session {
	return {
		manager,
		query: async <Row>({ name, text }: Statement, values: readonly unknown[] = []) => {
			try {
				// An empty name marks text that is put together per call: preparing it would fill the server's memory.
				const { rows } = await connection.query({ ...(name ? { name } : {}), text, values: [...values] });
				return rows as Row[];
			} catch (error) {
				throw toGraftError(error);
			}
		},
	};
}

async function inTransaction<T>(dataSource: DataSource, work: (session: Session) => Promise<T>): Promise<T> {
	for (let tries = 1; ; tries++) {
		try {
			return await onceInTransaction(dataSource, work);
		} catch (error) {
			const code = errorCode(error);
			if (code === null || !CONFLICTS_TO_TRY_AGAIN.has(code) || tries >= TRIES_AFTER_DEADLOCK)
				throw toGraftError(error);
		}
	}
}

async function inSnapshot<T>(dataSource: DataSource, work: (session: Session) => Promise<T>): Promise<T> {
	try {
		return await onceInTransaction(dataSource, work, 'REPEATABLE READ');
	} catch (error) {
		throw toGraftError(error);
	}
}

async function onceInTransaction<T>(
	dataSource: DataSource,
	work: (session: Session) => Promise<T>,
	isolation: 'READ COMMITTED' | 'REPEATABLE READ' = 'READ COMMITTED',
): Promise<T> {
	const runner = dataSource.createQueryRunner();
	try {
		const client: Queryable = await runner.connect();
		// TypeORM's own way takes two round trips to begin one.
		await client.query({ text: `BEGIN ISOLATION LEVEL ${isolation}`, values: [] });
		try {
			const result = await work(sessionOver(runner.manager, client));
			await client.query({ text: 'COMMIT', values: [] });
			return result;
		} catch (error) {
			// The first error says what went wrong; a rollback on a lost connection only fails after it.
			await client.query({ text: 'ROLLBACK', values: [] }).catch(() => undefined);
			throw error;
		}
	} finally {
		await runner.release();
	}
}
