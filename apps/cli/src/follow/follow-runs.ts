import { type RunLineFragment, RunUpdatesDocument } from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { isDone, newBoard, type RunBoard, withUpdate } from './run-board.js';

/**
 * Follows runs of an experiment until each has ended, over any number of cuts, and answers the last board.
 * `onChange` sees each board; the iteration ends early when the signal aborts.
 */
export async function followRuns(
	client: GraftClient,
	experimentId: string,
	runs: readonly RunLineFragment[],
	onChange: (board: RunBoard) => void,
	signal: AbortSignal,
): Promise<RunBoard> {
	const begun = performance.now();
	let board = newBoard(runs);
	onChange(board);
	const updates = client.streamWithCursor(RunUpdatesDocument, { experimentId }, ({ runUpdates }) => runUpdates.cursor, {
		signal,
	});
	for await (const { runUpdates } of updates) {
		board = withUpdate(board, runUpdates.run, (performance.now() - begun) / 1000);
		onChange(board);
		if (isDone(board)) break;
	}
	return board;
}
