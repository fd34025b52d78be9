import type { Page, PageRequest } from '../contract/inputs.js';
import { isId } from './storable.js';

/** A page whose cursors are the rows' ids; a cursor that is no id of ours starts from the beginning. */
export async function pageById<T extends { readonly id: string }>(
	{ first, after }: PageRequest,
	read: (page: {
		first: number;
		after: string | null;
	}) => Promise<{ rows: readonly T[]; hasNextPage: boolean; totalCount: number }>,
): Promise<Page<T>> {
	const { rows, hasNextPage, totalCount } = await read({ first, after: after !== null && isId(after) ? after : null });
	return { items: rows.map((node) => ({ cursor: node.id, node })), hasNextPage, totalCount };
}
