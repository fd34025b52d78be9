import type { RunLineFragment } from '@graft/client/gql';
import { duration } from '../terminal/numbers.js';
import { type ColorDepth, styleFor } from '../terminal/style.js';
import { renderTable } from '../terminal/table.js';
import { countOf, isDone, type RunBoard, secondsLeft, shareDone } from './run-board.js';

const BAR_WIDTH = 24;

/** `[██████····] ` */
export function bar(share: number, width = BAR_WIDTH): string {
	const full = Math.round(Math.min(1, Math.max(0, share)) * width);
	return `${'█'.repeat(full)}${'·'.repeat(width - full)}`;
}

/** `fine-tune from block3, seed 2` */
export function nameOf(run: RunLineFragment): string {
	const what = run.strategyLabel ?? run.name;
	return run.seed === null ? what : `${what}, seed ${run.seed}`;
}

/** Where a running run is: `phase 2, epoch 12 of 30`. */
export function whereOf(run: RunLineFragment): string {
	const { phase, epoch, epochs } = run.progress ?? {};
	if (epoch == null || epochs == null) return 'starts';
	return `${phase ? `phase ${phase + 1}, ` : ''}epoch ${epoch} of ${epochs}`;
}

/** One line for a log: `12 of 25 runs done, now fine-tune from block3, seed 2 (epoch 12 of 30), 30 s left`. */
export function boardLine(title: string, board: RunBoard, seconds: number): string {
	const left = secondsLeft(board, seconds);
	const running = [...board.runs.values()].filter(({ status }) => status === 'RUNNING');
	const failed = countOf(board, 'FAILED');
	return [
		`${title}: ${countOf(board, 'SUCCEEDED')} of ${board.runs.size} ${board.runs.size === 1 ? 'run' : 'runs'} done`,
		...(failed > 0 ? [`${failed} failed`] : []),
		...(running.length > 0 ? [`now ${running.map((run) => `${nameOf(run)} (${whereOf(run)})`).join('; ')}`] : []),
		...(left === null || isDone(board) ? [] : [`${duration(left)} left`]),
	].join(', ');
}

/** The live picture for a terminal: one bar over all, one line a strategy, one a running run. */
export function boardPicture(title: string, board: RunBoard, seconds: number, depth: ColorDepth): string {
	const { bold, dim, bad } = styleFor(depth);
	const runs = [...board.runs.values()];
	const share = runs.reduce((sum, run) => sum + shareDone(run), 0) / Math.max(1, runs.length);
	const left = secondsLeft(board, seconds);
	const failed = countOf(board, 'FAILED');
	const head = [
		bold(title),
		`${bar(share)}  ${countOf(board, 'SUCCEEDED')} of ${runs.length} done${failed > 0 ? bad(`, ${failed} failed`) : ''}  ${dim(
			left === null || isDone(board) ? duration(seconds) : `${duration(seconds)}, ${duration(left)} left`,
		)}`,
	];
	const byLabel = new Map<string, RunLineFragment[]>();
	for (const run of runs) {
		const label = run.strategyLabel ?? run.name;
		byLabel.set(label, [...(byLabel.get(label) ?? []), run]);
	}
	const rows = [...byLabel].map(([label, group]) => {
		const running = group.find(({ status }) => status === 'RUNNING');
		const marks = group.map((run) => MARKS[run.status]).join('');
		return [`  ${label}`, marks, running ? dim(`seed ${running.seed}, ${whereOf(running)}`) : ''];
	});
	const columns = [
		{ title: '', align: 'left' },
		{ title: '', align: 'left' },
		{ title: '', align: 'left' },
	] as const;
	return [...head, ...renderTable(columns, rows).slice(1)].join('\n');
}

/** A run in one character; the word stands in the line above. */
const MARKS: Record<RunLineFragment['status'], string> = {
	QUEUED: '·',
	RUNNING: '▸',
	PAUSED: '‖',
	SUCCEEDED: '●',
	FAILED: '✕',
	CANCELLED: '○',
	PRUNED: '○',
};
