import { isUnreadableValue } from '@graft/database/connection';
import { countListedRuns, type RunKey, type RunOrderField, listRuns as readRuns } from '@graft/database/run';
import { type InvalidInput, invalidInput } from '@graft/domain/error';
import { canonicalJson } from '@graft/domain/json';
import { fnv1aHex64 } from '@graft/domain/random';
import type { Run } from '@graft/domain/run';
import { parseRunFilter, RUN_FILTER_COLUMNS } from '@graft/domain/run-filter';
import type { Context } from '../context/context.js';
import { isStorableText, onlyIds, refuseUnstorable } from '../context/storable.js';
import type { CountablePage, ListRuns, RunFilter, RunOrder } from '../contract/inputs.js';
import { decodeCursor, encodeCursor } from '../stream/cursor.js';

const MAX_ORDER_FIELDS = 5;

/**
 * A keyset page of runs that are not deleted, newest first unless the list says otherwise. What it takes is bounded: a page of a filter
 * that few runs pass may have fewer than `first`, or none, and is then partial.
 */
export async function listRuns(context: Context, list: ListRuns): Promise<CountablePage<Run> | InvalidInput> {
	const filter = filterOf(list.filter ?? {});
	if ('kind' in filter) return filter;
	const orderBy = orderOf(list.orderBy);
	if ('kind' in orderBy) return orderBy;
	const order = canonicalJson(orderBy);
	const after = list.after === null ? null : keyOf(list.after, order, orderBy.length + 1);
	if (after !== null && 'kind' in after) return after;
	const page = await readRuns(context.database, { filter, orderBy, first: list.first, after }).catch((error) => {
		// Everything else in the list has been checked; a key that nobody was given may hold anything.
		if (after === null || !isUnreadableValue(error)) throw error;
		return FORGED;
	});
	if ('kind' in page) return page;
	const cursorOf = (key: RunKey) => encodeCursor('r', [fnv1aHex64(order), ...key]);
	return {
		items: page.items.map(({ run, key }) => ({ cursor: cursorOf(key), node: run })),
		hasNextPage: page.hasNextPage,
		endCursor: page.end === null ? null : cursorOf(page.end),
		isPartial: page.isPartial,
		countTotal: () => countListedRuns(context.database, filter),
	};
}

/** An id that cannot exist matches no run; the nil id stands for it in an equality. */
const NO_ID = '00000000-0000-0000-0000-000000000000';

function filterOf(given: RunFilter) {
	const refused = refuseUnstorable({ filter: given });
	if (refused !== null) return refused;
	const where = given.where == null || given.where.trim() === '' ? null : parseRunFilter(given.where, 'filter.where');
	if (where !== null && where.kind === 'InvalidInput') return where;
	const one = (id: string | null | undefined) => (id == null ? null : (onlyIds([id])[0] ?? NO_ID));
	const many = (ids: readonly string[] | null | undefined) => (ids == null ? null : onlyIds(ids));
	return {
		experimentId: one(given.experimentId),
		sweepId: one(given.sweepId),
		status: given.status ?? null,
		strategy: given.strategy ?? null,
		backboneIds: many(given.backboneIds),
		datasetIds: many(given.datasetIds),
		tags: given.tags ?? null,
		where,
		deleted: given.deleted ?? false,
	};
}

export type OrderField = RunOrderField['field'];
const NEWEST_FIRST: readonly RunOrderField[] = [{ field: { kind: 'column', name: 'queuedAt' }, direction: 'DESC' }];

function orderOf(orders: readonly RunOrder[]): readonly RunOrderField[] | InvalidInput {
	if (orders.length === 0) return NEWEST_FIRST;
	if (orders.length > MAX_ORDER_FIELDS)
		return invalidInput('orderBy', `Runs are ordered by ${MAX_ORDER_FIELDS} fields at the most.`);
	const fields: RunOrderField[] = [];
	for (const [index, { by, direction }] of orders.entries()) {
		const field = orderFieldOf(by);
		if (field === null)
			return invalidInput(
				`orderBy[${index}].by`,
				`Runs cannot be ordered by ${by}; use ${RUN_FILTER_COLUMNS.join(', ')}, tag, config.<path> or metric.<key>.<best|last|min|max>.`,
			);
		fields.push({ field, direction });
	}
	return fields;
}

/** The field that an order names; null: there is none of this name. */
export function orderFieldOf(by: string): OrderField | null {
	const column = RUN_FILTER_COLUMNS.find((name) => name === by);
	if (column !== undefined) return { kind: 'column', name: column };
	if (by === 'tag') return { kind: 'tag' };
	if (!isStorableText(by)) return null;
	const [root, ...path] = by.split('.');
	if (path.length === 0 || path.includes('')) return null;
	if (root === 'config') return { kind: 'config', path };
	const at = (['best', 'last', 'min', 'max'] as const).find((point) => point === path.at(-1));
	// A key may hold dots itself.
	const key = path.slice(0, -1).join('.');
	return root === 'metric' && at !== undefined && key !== '' ? { kind: 'metric', key, at } : null;
}

/** The order is part of the cursor: a key of one order means nothing in another. */
function keyOf(cursor: string, order: string, length: number): readonly (string | null)[] | InvalidInput {
	const [of, ...key] = asList(decodeCursor('r', cursor));
	const isKey = key.length === length && key.every((part) => part === null || typeof part === 'string');
	if (of === fnv1aHex64(order) && isKey) return key as (string | null)[];
	return FORGED;
}

const FORGED = invalidInput('after', 'This cursor does not belong to a list of runs in this order.');

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
