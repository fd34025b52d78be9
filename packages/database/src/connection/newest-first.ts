import { type EntityTarget, type FindOptionsOrder, type FindOptionsWhere, LessThan } from 'typeorm';
import type { Session } from './database.js';
import { orGraftError } from './database-error.js';

export interface NewestFirst<Row> {
	readonly rows: readonly Row[];
	readonly hasNextPage: boolean;
	readonly totalCount: number;
}

/** A page of a table whose ids are UUIDs of version 7, which sort by their making: the id is the cursor. */
export async function newestFirst<Row extends { id: string }>(
	{ manager }: Session,
	entity: EntityTarget<Row>,
	{ first, after }: { readonly first: number; readonly after: string | null },
	among: FindOptionsWhere<Row> = {},
): Promise<NewestFirst<Row>> {
	const repository = manager.getRepository<Row>(entity);
	const where = { ...among, ...(after === null ? {} : { id: LessThan(after) }) } as FindOptionsWhere<Row>;
	const order = { id: 'DESC' } as FindOptionsOrder<Row>;
	const [rows, totalCount] = await orGraftError(
		Promise.all([repository.find({ where, order, take: first + 1 }), repository.count({ where: among })]),
	);
	return { rows: rows.slice(0, first), hasNextPage: rows.length > first, totalCount };
}
