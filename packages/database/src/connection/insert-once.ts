import type { EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import type { Session } from './database.js';
import { orGraftError } from './database-error.js';

/**
 * Inserts a row unless one of the same unique key is there already; answers the row that stands now. Racing inserts of
 * one key are no error: one wins, and all get its row.
 */
export async function insertOnce<Row extends ObjectLiteral>(
	{ manager }: Session,
	entity: EntityTarget<Row>,
	row: Partial<Row>,
	key: FindOptionsWhere<Row>,
): Promise<Row> {
	const repository = manager.getRepository<Row>(entity);
	const insert = repository.createQueryBuilder().insert();
	// TypeORM's own type of values does not know readonly lists.
	const values = row as Parameters<typeof insert.values>[0];
	await orGraftError(insert.values(values).orIgnore().execute());
	return orGraftError(repository.findOneByOrFail(key));
}
