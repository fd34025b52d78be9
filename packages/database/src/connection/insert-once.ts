import type { EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import type { Session } from './database.js';
import { toGraftError } from './database-error.js';

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
	try {
		const repository = manager.getRepository<Row>(entity);
		// TypeORM's own type of values does not know readonly lists.
		const values = row as Parameters<ReturnType<typeof insertInto>['values']>[0];
		function insertInto() {
			return repository.createQueryBuilder().insert();
		}
		await insertInto().values(values).orIgnore().execute();
		return await repository.findOneByOrFail(key);
	} catch (error) {
		throw toGraftError(error);
	}
}
