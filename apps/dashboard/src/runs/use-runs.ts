import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { type Graft, useGraft } from '../connection/GraftProvider';
import { ask } from '../connection/use-graft-query';
import { useStream } from '../connection/use-stream';
import { RunRowUpdatesDocument, RunsDocument } from '../gql/graphql';
import { mergeRunUpdates, type RunList, type RunRow } from './merge-runs';

/** Rows that a page holds: enough for a whole comparison, and still smooth to sort and draw. */
export const MAX_RUNS = 1_000;
const PAGE = 250;

interface Scope {
	/** Null: of all experiments. */
	readonly experimentId: string | null;
	/** The column of results. */
	readonly metric: string;
}

async function loadRuns(graft: Graft, { experimentId, metric }: Scope, signal: AbortSignal): Promise<RunList> {
	const runs: RunRow[] = [];
	let after: string | null = null;
	for (;;) {
		const page: {
			runs: { totalCount: number; nodes: RunRow[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
		} = await ask(
			graft,
			RunsDocument,
			{ filter: experimentId === null ? {} : { experimentId }, first: PAGE, after, metric },
			signal,
		);
		runs.push(...page.runs.nodes);
		after = page.runs.pageInfo.endCursor;
		if (!page.runs.pageInfo.hasNextPage || runs.length >= MAX_RUNS) return { runs, totalCount: page.runs.totalCount };
	}
}

/** A stream of all runs begins with what comes next: what happened before it was open is asked for after this long. */
const SETTLE_MS = 1_500;

/** The newest runs of an experiment, or of all, kept up to date by the stream of run updates. */
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
	const { refetch } = query;
	const settling = enabled && scope.experimentId === null;
	useEffect(() => {
		if (!settling) return;
		const timer = setTimeout(() => void refetch(), SETTLE_MS);
		return () => clearTimeout(timer);
	}, [settling, refetch]);
	useStream(
		enabled && query.data ? `runs#${scope.experimentId ?? '*'}#${scope.metric}` : null,
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
