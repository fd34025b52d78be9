import { describe, expect, it } from 'vitest';
import { type Changeable, possibleChanges } from './possible-changes';

const run = (over: Partial<Changeable>): Changeable => ({
	id: 'a',
	status: 'QUEUED',
	cancelRequested: false,
	pauseRequested: false,
	freezePlan: {},
	deletedAt: null,
	...over,
});

describe('possibleChanges', () => {
	it.each([
		[{ status: 'QUEUED' }, ['pause', 'cancel', 'delete']],
		[{ status: 'RUNNING' }, ['pause', 'cancel']],
		[{ status: 'RUNNING', pauseRequested: true }, ['resume', 'cancel']],
		[{ status: 'RUNNING', cancelRequested: true }, []],
		[{ status: 'RUNNING', cancelRequested: true, pauseRequested: true }, []],
		[{ status: 'PAUSED' }, ['resume', 'cancel', 'delete']],
		[{ status: 'FAILED' }, ['retry', 'delete']],
		[{ status: 'CANCELLED', cancelRequested: true }, ['retry', 'delete']],
		[{ status: 'SUCCEEDED' }, ['continue', 'delete']],
		[{ status: 'PRUNED' }, ['delete']],
		[{ status: 'RUNNING', freezePlan: null }, ['cancel']],
		[{ status: 'SUCCEEDED', freezePlan: null }, ['delete']],
		[{ status: 'FAILED', deletedAt: '2026-01-01T00:00:00Z' }, ['restore']],
	] as const)('of %j are %j', (over, changes) => {
		expect(possibleChanges(run(over))).toEqual(changes);
	});
});
