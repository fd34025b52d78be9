import { isUnavailable, type TypedDocument } from '@graft/client/browser';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type Graft, useGraft } from './GraftProvider';

export interface GraftQueryOptions {
	readonly enabled?: boolean;
	/** Asks again this often, for what no stream tells of. */
	readonly refetchMs?: number;
	/** While the answer to new variables is on its way, keep showing the last one. */
	readonly keepPrevious?: boolean;
}

/** One request, whose outcome also tells the page whether the API is there. */
export async function ask<Result, Variables>(
	graft: Graft,
	document: TypedDocument<Result, Variables>,
	variables: Variables,
	signal?: AbortSignal,
): Promise<Result> {
	try {
		const answer = await graft.client().request(document, variables, signal ? { signal } : {});
		graft.reach.requestEnded(true);
		return answer;
	} catch (error) {
		if (!signal?.aborted) graft.reach.requestEnded(!isUnavailable(error));
		throw error;
	}
}

/** Under `key` the answer lives in the cache; pages of one thing share it. */
export function useGraftQuery<Result, Variables>(
	key: string,
	document: TypedDocument<Result, Variables>,
	variables: Variables,
	{ enabled = true, refetchMs, keepPrevious = false }: GraftQueryOptions = {},
) {
	const graft = useGraft();
	return useQuery({
		queryKey: [key, variables],
		queryFn: ({ signal }) => ask(graft, document, variables, signal),
		enabled,
		refetchInterval: refetchMs ?? false,
		placeholderData: keepPrevious ? keepPreviousData : undefined,
	});
}
