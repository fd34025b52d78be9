import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useGraft } from '../connection/GraftProvider';
import { ask } from '../connection/use-graft-query';
import {
	CancelRunsDocument,
	ContinueRunsDocument,
	DeleteRunsDocument,
	PauseRunsDocument,
	RestoreRunsDocument,
	ResumeRunsDocument,
	RetryRunsDocument,
} from '../gql/graphql';
import type { RunChange } from './possible-changes';

interface Asked {
	readonly what: RunChange;
	readonly ids: readonly string[];
	/** Of a run that is continued. */
	readonly epochs: number;
}

/** Pauses, resumes, retries, continues, cancels, deletes or restores runs: all of them or none. A refusal comes back in words. */
export function useChangeRuns() {
	const graft = useGraft();
	const queries = useQueryClient();
	const mutation = useMutation({
		mutationFn: async ({ what, ids: given, epochs }: Asked) => {
			const ids = [...given];
			const asks = {
				pause: async () => (await ask(graft, PauseRunsDocument, { ids })).pauseRuns,
				resume: async () => (await ask(graft, ResumeRunsDocument, { ids })).resumeRuns,
				retry: async () => (await ask(graft, RetryRunsDocument, { ids })).retryRuns,
				continue: async () => (await ask(graft, ContinueRunsDocument, { ids, epochs })).continueRuns,
				cancel: async () => (await ask(graft, CancelRunsDocument, { ids })).cancelRuns,
				delete: async () => (await ask(graft, DeleteRunsDocument, { ids })).deleteRuns,
				restore: async () => (await ask(graft, RestoreRunsDocument, { ids })).restoreRuns,
			};
			const result = await asks[what]();
			if (result.__typename !== 'RunsChanged') throw new Error(result.message);
		},
		onSettled: () => queries.invalidateQueries(),
	});
	return {
		change: (what: RunChange, ids: readonly string[], epochs = 0) => mutation.mutate({ what, ids, epochs }),
		busy: mutation.isPending,
		refusal: mutation.error?.message ?? null,
	};
}
