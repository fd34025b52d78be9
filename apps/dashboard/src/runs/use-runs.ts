import { useQuery, useQueryClient } from '@tanstack/react-query';
import { type Graft, useGraft } from '../connection/GraftProvider';
import { ask } from '../connection/use-graft-query';
import { useStream } from '../connection/use-stream';
import { RunRowUpdatesDocument, RunsDocument } from '../gql/graphql';
import { mergeRunUpdates, type RunList, type RunRow } from './merge-runs';

/** Rows that a page holds: enough for a whole comparison, and still smooth to sort and draw. */
export const MAX_RUNS = 1_000;
const PAGE = 250;

interface Scope {
	readonly experimentId: string;
	/** The column of results. */
	readonly metric: string;
}

async function loadRuns(graft: Graft, { experimentId, metric }: Scope, signal: AbortSignal): Promise<RunList> {
	const runs: RunRow[] = [];
	let after: string | null = null;
	for (;;) {
		const page: {
			runs: { totalCount: number; nodes: RunRow[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
		} = await ask(graft, RunsDocument, { filter: { experimentId }, first: PAGE, after, metric }, signal);
		runs.push(...page.runs.nodes);
		after = page.runs.pageInfo.endCursor;
		if (!page.runs.pageInfo.hasNextPage || runs.length >= MAX_RUNS) return { runs, totalCount: page.runs.totalCount };
	}
}

/** The newest runs of an experiment, kept up to date by the stream of run updates. */
export function useRuns(scope: Scope, { enabled = true, onNews }: { enabled?: boolean; onNews?: () => void } = {}) {
	const graft = useGraft();
	const queries = useQueryClient();
	const queryKey = ['runs', scope];
	const query = useQuery({
		queryKey,
		queryFn: ({ signal }) => loadRuns(graft, scope, signal),
		enabled,
		// The stream keeps it fresh.
		staleTime: Number.POSITIVE_INFINITY,
	});
	useStream(
		enabled && query.data ? `runs#${scope.experimentId}#${scope.metric}` : null,
		(client, signal) =>
			client.streamWithCursor(
				RunRowUpdatesDocument,
				{ experimentId: scope.experimentId, metric: scope.metric },
				(frame) => frame.runUpdates.cursor,
				{ signal },
			),
		(frames) => {
			queries.setQueryData<RunList>(queryKey, (list) =>
				list
					? mergeRunUpdates(
							list,
							frames.map((frame) => frame.runUpdates),
						)
					: list,
			);
			onNews?.();
		},
	);
	return query;
}
