import type { RunStatus } from '@graft/domain/run';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useGraft } from '../connection/GraftProvider';
import { ask } from '../connection/use-graft-query';
import { RunsDocument, type RunsQuery } from '../gql/graphql';
import { serverOrder } from './server-order';
import { useRunNews } from './use-run-news';

const PAGE = 100;
/** All loaded pages are asked for again when something changed, so not for each step of each run. */
const NEWS_MS = 2_000;

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

/** Runs of all experiments, filtered and ordered by the API, page after page. */
export function useRunPages({ metric, status, where, sort, inTrash }: RunPagesWanted, enabled: boolean) {
	const graft = useGraft();
	const filter = { status: status === null ? null : [status], where: where === '' ? null : where, deleted: inTrash };
	const variables = { filter, orderBy: [serverOrder(sort, metric)], first: PAGE, metric };
	const query = useInfiniteQuery({
		queryKey: ['run-pages', variables],
		queryFn: ({ signal, pageParam }): Promise<RunsQuery> =>
			ask(graft, RunsDocument, { ...variables, after: pageParam }, signal),
		initialPageParam: null as string | null,
		getNextPageParam: ({ runs: { pageInfo } }) => (pageInfo.hasNextPage ? pageInfo.endCursor : null),
		enabled,
		placeholderData: keepPreviousData,
	});
	const { refetch } = query;
	useRunNews(() => void refetch({ cancelRefetch: false }), NEWS_MS);
	return query;
}
