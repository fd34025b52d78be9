import { describe, expect, it } from 'vitest';
import { mergeRunUpdates, type RunRow } from './merge-runs';
import { formatSort, parseSort, remainingSeconds, sortRuns } from './sort-runs';

const run = (id: string, over: Partial<RunRow> = {}): RunRow => ({
	id,
	name: `run ${id}`,
	status: 'QUEUED',
	seed: 0,
	strategy: null,
	strategyLabel: null,
	config: {},
	queuedAt: '2026-11-24T12:00:00.000Z',
	startedAt: null,
	finishedAt: null,
	revision: 1,
	cancelRequested: false,
	pauseRequested: false,
	retryAt: null,
	deletedAt: null,
	metricKeys: [],
	progress: null,
	failure: null,
	freezePlan: null,
	backbone: null,
	dataset: null,
	experiment: { id: 'e', name: 'e' },
	sweep: null,
	summary: null,
	...over,
});
const ids = (runs: readonly RunRow[]) => runs.map(({ id }) => id);

describe('mergeRunUpdates', () => {
	const list = { runs: [run('a', { revision: 5 }), run('b')], totalCount: 7 };
	it('changes rows in place, and never backwards', () => {
		const merged = mergeRunUpdates(list, [
			{ cursor: '1', changed: [], run: run('b', { revision: 2, status: 'RUNNING' }) },
			{ cursor: '2', changed: [], run: run('a', { revision: 4, status: 'RUNNING' }) },
		]);
		expect(merged.runs.map(({ id, status }) => [id, status])).toEqual([
			['a', 'QUEUED'],
			['b', 'RUNNING'],
		]);
		expect(merged.totalCount).toBe(7);
	});
	it('takes in new runs and lets deleted ones go', () => {
		const merged = mergeRunUpdates(list, [
			{ cursor: '1', changed: [], run: run('c') },
			{ cursor: '2', changed: [], run: run('c', { revision: 2 }) },
			{ cursor: '3', changed: ['deleted'], run: run('a', { revision: 6 }) },
			{ cursor: '4', changed: [], run: run('d') },
		]);
		expect(ids(merged.runs)).toEqual(['d', 'c', 'b']);
		expect(merged.totalCount).toBe(8);
	});
});

describe('sortRuns', () => {
	const result = (value: number | null) => ({ summary: { value, step: 1, finite: true } });
	it('puts what has no value last in both directions', () => {
		const runs = [run('a', result(null)), run('b', result(0.5)), run('c', result(0.9))];
		expect(ids(sortRuns(runs, parseSort('result')))).toEqual(['b', 'c', 'a']);
		expect(ids(sortRuns(runs, parseSort('-result')))).toEqual(['c', 'b', 'a']);
	});
	it('shows what is going on first', () => {
		const runs = [run('a', { status: 'SUCCEEDED' }), run('b'), run('c', { status: 'RUNNING' })];
		expect(ids(sortRuns(runs, parseSort('status')))).toEqual(['c', 'b', 'a']);
	});
	it('reads the URL, and falls back to the newest', () => {
		expect(formatSort(parseSort('-seed'))).toBe('-seed');
		expect(parseSort('nonsense')).toEqual({ key: 'queued', descending: true });
	});
});

describe('remainingSeconds', () => {
	const ended = run('a', {
		status: 'SUCCEEDED',
		startedAt: '2026-11-24T12:00:00.000Z',
		finishedAt: '2026-11-24T12:00:10.000Z',
	});
	const progress = { epoch: 1, epochs: 2, step: 1, steps: 2, phase: null, etaSeconds: 4 };
	it('shares the work among what runs', () => {
		expect(remainingSeconds([ended, run('b', { status: 'RUNNING', progress }), run('c'), run('d')])).toBe(24);
		expect(
			remainingSeconds([ended, run('b', { status: 'RUNNING', progress }), run('c', { status: 'RUNNING' }), run('d')]),
		).toBe(9.5);
	});
	it('does not guess', () => {
		expect(remainingSeconds([run('b'), run('c')])).toBeNull();
		expect(remainingSeconds([ended])).toBeNull();
	});
});
