import type { CountablePage, Page, PageRequest } from '@graft/engine';
import { badUserInput } from '../error/bad-user-input.js';

/** Rows of one page at the most: keeps one answer to some megabytes. */
export const MAX_PAGE = 1000;

export interface Connection<T> {
	readonly edges: readonly { readonly cursor: string; readonly node: T }[];
	readonly nodes: readonly T[];
	readonly pageInfo: { readonly endCursor: string | null; readonly hasNextPage: boolean };
	readonly isPartial: boolean;
	readonly totalCount: number | Promise<number>;
	readonly totalCountIsLeast: boolean | Promise<boolean>;
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
	const last = page.items.at(-1)?.cursor ?? null;
	const counted = 'countTotal' in page ? once(page.countTotal) : null;
	return {
		edges: page.items,
		nodes: page.items.map(({ node }) => node),
		pageInfo: { endCursor: 'endCursor' in page ? page.endCursor : last, hasNextPage: page.hasNextPage },
		isPartial: 'isPartial' in page && page.isPartial,
		// Counts when the query asks for it.
		get totalCount() {
			return counted === null ? (page as Page<T>).totalCount : counted().then(({ count }) => count);
		},
		get totalCountIsLeast() {
			return counted === null ? false : counted().then(({ isLeast }) => isLeast);
		},
	};
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
	let result: Promise<T> | null = null;
	return () => {
		result ??= work();
		return result;
	};
}
