import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useGraft } from '../connection/GraftProvider';
import { ask } from '../connection/use-graft-query';
import { CancelRunsDocument, RetryRunsDocument } from '../gql/graphql';

type Change = 'cancel' | 'retry';

/** Cancels or retries runs: all of them or none. A refusal comes back in words. */
export function useChangeRuns() {
	const graft = useGraft();
	const queries = useQueryClient();
	const mutation = useMutation({
		mutationFn: async ({ what, ids }: { what: Change; ids: readonly string[] }) => {
			const result =
				what === 'cancel'
					? (await ask(graft, CancelRunsDocument, { ids: [...ids] })).cancelRuns
					: (await ask(graft, RetryRunsDocument, { ids: [...ids] })).retryRuns;
			if (result.__typename !== 'RunsChanged') throw new Error(result.message);
		},
		onSettled: () => queries.invalidateQueries(),
	});
	return {
		change: (what: Change, ids: readonly string[]) => mutation.mutate({ what, ids }),
		busy: mutation.isPending,
		refusal: mutation.error?.message ?? null,
	};
}
