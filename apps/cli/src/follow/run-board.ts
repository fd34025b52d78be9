import type { RunLineFragment, RunStatus } from '@graft/client/gql';
import { isTerminal } from '@graft/domain/run';

/** What is known of the runs that somebody waits for. */
export interface RunBoard {
	readonly runs: ReadonlyMap<string, RunLineFragment>;
	/** Seconds since the start, monotonic, at which each run was first seen to run and to end. */
	readonly begunAt: ReadonlyMap<string, number>;
	readonly endedAt: ReadonlyMap<string, number>;
}

export const newBoard = (runs: readonly RunLineFragment[]): RunBoard => ({
	runs: new Map(runs.map((run) => [run.id, run])),
	begunAt: new Map(),
	endedAt: new Map(),
});

/** The board after an update; older revisions and runs that nobody waits for change nothing. */
export function withUpdate(board: RunBoard, run: RunLineFragment, seconds: number): RunBoard {
	const known = board.runs.get(run.id);
	if (known === undefined || known.revision > run.revision) return board;
	const begins = run.status !== 'QUEUED' && !board.begunAt.has(run.id);
	const ends = isTerminal(run.status) && !board.endedAt.has(run.id);
	return {
		runs: new Map(board.runs).set(run.id, run),
		begunAt: begins ? new Map(board.begunAt).set(run.id, seconds) : board.begunAt,
		endedAt: ends ? new Map(board.endedAt).set(run.id, seconds) : board.endedAt,
	};
}

export function countOf(board: RunBoard, ...statuses: readonly RunStatus[]): number {
	return [...board.runs.values()].filter(({ status }) => statuses.includes(status)).length;
}

export const isDone = (board: RunBoard): boolean => [...board.runs.values()].every(({ status }) => isTerminal(status));

/** Share of a run that is behind it, by steps where the trainer told them. */
export function shareDone(run: RunLineFragment): number {
	if (isTerminal(run.status)) return 1;
	const { step, steps, epoch, epochs } = run.progress ?? {};
	if (step != null && steps) return Math.min(1, step / steps);
	if (epoch != null && epochs) return Math.min(1, epoch / epochs);
	return 0;
}

/**
 * Seconds until all is done: what is left of the work at the pace so far. Null until a tenth of a run is done, since any
 * number would be a guess.
 */
export function secondsLeft(board: RunBoard, seconds: number): number | null {
	const starts = [...board.begunAt.values()];
	if (starts.length === 0) return null;
	const shares = [...board.runs.values()].map(shareDone);
	const done = shares.reduce((sum, share) => sum + share, 0);
	const left = shares.length - done;
	const spent = seconds - Math.min(...starts);
	return done < 0.1 || spent <= 0 ? null : (left * spent) / done;
}
