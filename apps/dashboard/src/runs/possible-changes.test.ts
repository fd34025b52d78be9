import { describe, expect, it } from 'vitest';
import { type Changeable, possibleChanges } from './possible-changes';

const run = (over: Partial<Changeable>): Changeable => ({
	id: 'a',
	status: 'QUEUED',
	cancelRequested: false,
	pauseRequested: false,
	freezePlan: {},
	...over,
});

describe('possibleChanges', () => {
	it.each([
		[{ status: 'QUEUED' }, ['pause', 'cancel']],
		[{ status: 'RUNNING' }, ['pause', 'cancel']],
		[{ status: 'RUNNING', pauseRequested: true }, ['resume', 'cancel']],
		[{ status: 'RUNNING', cancelRequested: true }, []],
		[{ status: 'RUNNING', cancelRequested: true, pauseRequested: true }, []],
		[{ status: 'PAUSED' }, ['resume', 'cancel']],
		[{ status: 'FAILED' }, ['retry']],
		[{ status: 'CANCELLED', cancelRequested: true }, ['retry']],
		[{ status: 'SUCCEEDED' }, ['continue']],
		[{ status: 'PRUNED' }, []],
		[{ status: 'RUNNING', freezePlan: null }, ['cancel']],
		[{ status: 'SUCCEEDED', freezePlan: null }, []],
	] as const)('of %j are %j', (over, changes) => {
		expect(possibleChanges(run(over))).toEqual(changes);
	});
});
