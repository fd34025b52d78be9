import { SweepRankingDocument, type SweepRankingQuery, type SweepRankingQueryVariables } from '@graft/client/gql';
import { type GraftClient, isUnavailable } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import { sleep } from '@graft/runtime/backoff';
import { newBoard, type RunBoard, withUpdate } from '../follow/run-board.js';
import type { TrialRun } from './rank-trials.js';

type Page = NonNullable<SweepRankingQuery['sweep']>;
export interface SweepState {
	readonly status: Page['status'];
	readonly trials: readonly TrialRun[];
}

/** The sweep itself is asked, runs and all: its status, not a list of runs, says when it is done. */
const POLL_MS = 1_000;

/** Follows a sweep until it has finished or was stopped, or the signal aborts. */
export async function followSweep(
	client: GraftClient,
	id: string,
	metric: string,
	onChange: (board: RunBoard) => void,
	signal: AbortSignal,
): Promise<SweepState> {
	const begun = performance.now();
	let board = newBoard([]);
	for (;;) {
		const state = await readSweep(client, id, metric).catch((error: unknown) => {
			if (isUnavailable(error)) return null;
			throw error;
		});
		if (state !== null) {
			const seconds = (performance.now() - begun) / 1000;
			const fresh = state.trials.filter((run) => !board.runs.has(run.id));
			board = { ...board, runs: new Map([...board.runs, ...fresh.map((run) => [run.id, run] as const)]) };
			for (const run of state.trials) board = withUpdate(board, run, seconds);
			onChange(board);
			if (state.status === 'FINISHED' || state.status === 'STOPPED' || signal.aborted) return state;
		}
		await sleep(POLL_MS, signal);
	}
}

/** A sweep with all its runs. */
export async function readSweep(client: GraftClient, id: string, metric: string): Promise<SweepState> {
	const trials: TrialRun[] = [];
	let after: string | null = null;
	for (;;) {
		const variables: SweepRankingQueryVariables = { id, metric, after };
		const { sweep }: SweepRankingQuery = await client.request(SweepRankingDocument, variables);
		if (sweep === null) throw new GraftError('CONFIGURATION', `There is no sweep ${id}.`);
		trials.push(...sweep.trials.nodes);
		if (!sweep.trials.pageInfo.hasNextPage) return { status: sweep.status, trials };
		after = sweep.trials.pageInfo.endCursor;
	}
}
