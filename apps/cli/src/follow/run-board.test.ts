import type { RunLineFragment, RunStatus } from '@graft/client/gql';
import { describe, expect, it } from 'vitest';
import { isDone, newBoard, secondsLeft, withUpdate } from './run-board.js';
import { bar, boardLine, boardPicture } from './run-view.js';

const run = (id: string, status: RunStatus, revision: number, step = 0): RunLineFragment => ({
	id,
	name: `run ${id}`,
	status,
	revision,
	seed: 1,
	strategyLabel: 'fine-tune from block3',
	progress: step > 0 ? { phase: 0, epoch: step / 10, epochs: 10, step, steps: 100, etaSeconds: null } : null,
	failure: null,
});

describe('a board of runs', () => {
	const queued = newBoard([run('a', 'QUEUED', 1), run('b', 'QUEUED', 1)]);

	it('takes newer revisions and leaves out older ones and strangers', () => {
		const running = withUpdate(queued, run('a', 'RUNNING', 3, 50), 2);
		expect(withUpdate(running, run('a', 'RUNNING', 2, 10), 3)).toBe(running);
		expect(withUpdate(running, run('x', 'RUNNING', 9), 3)).toBe(running);
		expect(running.runs.get('a')?.progress?.step).toBe(50);
	});

	it('is done when every run has ended, however it ended', () => {
		const one = withUpdate(queued, run('a', 'FAILED', 2), 1);
		expect([isDone(queued), isDone(one), isDone(withUpdate(one, run('b', 'CANCELLED', 2), 2))]).toEqual([
			false,
			false,
			true,
		]);
	});

	it('estimates what is left from the pace so far, and says nothing before there is one', () => {
		expect(secondsLeft(queued, 10)).toBeNull();
		const begun = withUpdate(queued, run('a', 'RUNNING', 2), 5);
		expect(secondsLeft(begun, 6)).toBeNull();
		const half = withUpdate(begun, run('a', 'RUNNING', 3, 50), 9);
		// Half a run took 4 s, one and a half are left.
		expect(secondsLeft(half, 9)).toBeCloseTo(12);
	});

	it('says in one line what a log needs', () => {
		const board = withUpdate(withUpdate(queued, run('a', 'SUCCEEDED', 2), 4), run('b', 'RUNNING', 2, 50), 5);
		expect(boardLine('Depths', board, 6)).toBe(
			'Depths: 1 of 2 runs done, now fine-tune from block3, seed 1 (epoch 5 of 10), 1 s left',
		);
		expect(boardLine('Depths', withUpdate(board, run('b', 'FAILED', 3), 6), 6)).toBe(
			'Depths: 1 of 2 runs done, 1 failed',
		);
	});

	it('draws a picture without colours where there are none', () => {
		const board = withUpdate(withUpdate(queued, run('a', 'SUCCEEDED', 2), 4), run('b', 'RUNNING', 2, 50), 5);
		expect(boardPicture('Depths', board, 6, 1)).toBe(
			['Depths', `${bar(0.75)}  1 of 2 done  6 s, 1 s left`, '  fine-tune from block3  ●▸  seed 1, epoch 5 of 10'].join(
				'\n',
			),
		);
	});
});
