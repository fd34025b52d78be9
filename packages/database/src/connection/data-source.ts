import { migrations } from '@graft/migrations';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { ENTITIES } from './entities.js';
import { SnakeNaming } from './snake-naming.js';

const INT8 = 20;
/** Our bigints (counters, transaction ids, byte counts) all stay below 2^53, so numbers hold them. */
const types = {
	getTypeParser: (oid: number, format?: 'text' | 'binary') =>
		oid === INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format as 'text'),
};

/**
 * A server whose machine is gone says nothing more, and whoever only waits for it waits for ever: a silent connection is
 * probed after 10 s, where the system's own delay is two hours.
 */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 } as const;

export function createDataSource({ url, poolSize = 10 }: { url: string; poolSize?: number }): DataSource {
	return new DataSource({
		type: 'postgres',
		url,
		entities: [...ENTITIES],
		migrations: [...migrations],
		namingStrategy: new SnakeNaming(),
		migrationsTransactionMode: 'each',
		migrationsTableName: 'migration',
		applicationName: 'graft',
		connectTimeoutMS: 10_000,
		// Statements of a transaction that do not wait for each other's answers are on their way together.
		extra: { max: poolSize, types, pipeline: true, ...KEEP_ALIVE },
	});
}
