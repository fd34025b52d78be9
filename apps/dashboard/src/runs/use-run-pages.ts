import type { RunStatus } from '@graft/domain/run';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { type Graft, useGraft } from '../connection/GraftProvider';
import { ask } from '../connection/use-graft-query';
import { RunsDocument, type RunsQuery, type RunsQueryVariables } from '../gql/graphql';
import { serverOrder } from './server-order';
import { useRunNews } from './use-run-news';

const PAGE = 100;
/** All loaded pages are asked for again when something changed, so not for each step of each run. */
const NEWS_MS = 2_000;

/** A filter that few runs pass takes the API many looks: so long they are waited for before the page shows what there is. */
const SEARCH_MS = 1_000;

/** The API counts so far; one more means "more". */
export const COUNTED = 10_000;

export interface RunPagesWanted {
	readonly metric: string;
	readonly status: RunStatus | null;
	/** An expression of the run filter; empty: all. */
	readonly where: string;
	/** As it stands in the URL. */
	readonly sort: string;
	/** Runs that were deleted, instead of all others. */
	readonly inTrash: boolean;
}

/** A page of the list; where the search for it ended early it goes on for a while. */
async function loadPage(graft: Graft, variables: RunsQueryVariables, signal: AbortSignal): Promise<RunsQuery> {
	const begun = performance.now();
	let { runs } = await ask(graft, RunsDocument, variables, signal);
	while (runs.isPartial && performance.now() - begun < SEARCH_MS) {
		const rest = { ...variables, after: runs.pageInfo.endCursor, first: variables.first - runs.nodes.length };
		const next = await ask(graft, RunsDocument, rest, signal);
		// What is counted is the whole list, from its beginning each time.
		const { totalCount, totalCountIsLeast } = runs;
		runs = { ...next.runs, totalCount, totalCountIsLeast, nodes: [...runs.nodes, ...next.runs.nodes] };
	}
	return { runs };
}

/** Runs of all experiments, filtered and ordered by the API, page after page. */
export function useRunPages({ metric, status, where, sort, inTrash }: RunPagesWanted, enabled: boolean) {
	const graft = useGraft();
	const filter = { status: status === null ? null : [status], where: where === '' ? null : where, deleted: inTrash };
	const variables = { filter, orderBy: [serverOrder(sort, metric)], first: PAGE, metric };
	const query = useInfiniteQuery({
		queryKey: ['run-pages', variables],
		queryFn: ({ signal, pageParam }) => loadPage(graft, { ...variables, after: pageParam }, signal),
		initialPageParam: null as string | null,
		getNextPageParam: ({ runs: { pageInfo } }) => (pageInfo.hasNextPage ? pageInfo.endCursor : null),
		enabled,
		placeholderData: keepPreviousData,
	});
	const { refetch } = query;
	useRunNews(() => void refetch({ cancelRefetch: false }), NEWS_MS);
	return query;
}
