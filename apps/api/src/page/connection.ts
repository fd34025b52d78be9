import type { CountablePage, Page, PageRequest } from '@graft/engine';
import { badUserInput } from '../error/bad-user-input.js';

/** Rows of one page at the most: keeps one answer to some megabytes. */
export const MAX_PAGE = 1000;

export interface Connection<T> {
	readonly edges: readonly { readonly cursor: string; readonly node: T }[];
	readonly nodes: readonly T[];
	readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
	readonly totalCount: number | Promise<number>;
}

/** @throws GraphQLError BAD_USER_INPUT where `first` is not 0 to MAX_PAGE. */
export function pageRequest(first: number | null, after: string | null | undefined, usual = 50): PageRequest {
	return { first: pageSize(first ?? usual), after: after ?? null };
}

export function pageSize(first: number): number {
	if (first >= 0 && first <= MAX_PAGE) return first;
	throw badUserInput('first', `first is ${first}; a page has 0 to ${MAX_PAGE} rows.`);
}

export function connection<T>(page: Page<T> | CountablePage<T>): Connection<T> {
	return {
		edges: page.items,
		nodes: page.items.map(({ node }) => node),
		pageInfo: { endCursor: page.items.at(-1)?.cursor ?? null, hasNextPage: page.hasNextPage },
		// Counts when the query asks for it.
		get totalCount() {
			return 'countTotal' in page ? page.countTotal() : page.totalCount;
		},
	};
}
