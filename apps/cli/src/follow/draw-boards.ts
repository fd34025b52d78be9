import type { Screen } from '../terminal/screen.js';
import type { ColorDepth } from '../terminal/style.js';
import { isDone, type RunBoard } from './run-board.js';
import { boardLine, boardPicture } from './run-view.js';

/** Draws the board of the job at hand. When all of it is done, or another title begins, the picture is left standing. */
export function drawBoards(screen: Screen, depth: ColorDepth): (title: string, board: RunBoard) => void {
	let job: { readonly title: string; readonly begun: number; board: RunBoard } | null = null;
	return (title, board) => {
		if (job?.title === title) {
			job.board = board;
		} else {
			const mine = { title, begun: performance.now(), board };
			job = mine;
			const seconds = () => (performance.now() - mine.begun) / 1000;
			screen.show({
				picture: () => boardPicture(title, mine.board, seconds(), depth),
				line: () => boardLine(title, mine.board, seconds()),
			});
		}
		if (isDone(board)) screen.rest();
	};
}
