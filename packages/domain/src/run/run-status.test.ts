import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
	isTerminal,
	nextStatus,
	RUN_STATUSES,
	RUN_TRANSITIONS,
	type RunStatus,
	type RunTransition,
	TERMINAL_STATUSES,
} from './index.js';

const transitions = fc.array(fc.constantFrom(...RUN_TRANSITIONS), { maxLength: 60 });

/** Statuses that can be reached, in any number of steps. */
function reachable(from: RunStatus, allowed: readonly RunTransition[] = RUN_TRANSITIONS): Set<RunStatus> {
	const found = new Set<RunStatus>([from]);
	for (const status of found) {
		for (const transition of allowed) {
			const next = nextStatus(status, transition);
			if (next !== null) found.add(next);
		}
	}
	return found;
}

describe('the run state machine', () => {
	it('has live leases only while RUNNING, and never two', () => {
		fc.assert(
			fc.property(transitions, (events) => {
				let status: RunStatus = 'QUEUED';
				let live = 0;
				let succeeded = 0;
				let continued = 0;
				for (const event of events) {
					const next = nextStatus(status, event);
					if (next === null) continue;
					if (status === 'RUNNING') live--;
					if (event === 'lease') live++;
					if (next === 'SUCCEEDED') succeeded++;
					if (event === 'continue') continued++;
					status = next;
					expect(live).toBe(status === 'RUNNING' ? 1 : 0);
				}
				expect(succeeded).toBeLessThanOrEqual(1 + continued);
			}),
		);
	});

	it('leaves a terminal status only where a user asks for it, and PRUNED never', () => {
		const ways = { SUCCEEDED: ['continue'], FAILED: ['retry'], CANCELLED: ['retry'], PRUNED: [] };
		for (const status of TERMINAL_STATUSES) {
			expect(RUN_TRANSITIONS.filter((transition) => nextStatus(status, transition) !== null)).toEqual(ways[status]);
			expect(isTerminal(status)).toBe(true);
		}
		expect(RUN_STATUSES.filter((status) => !isTerminal(status))).toEqual(['QUEUED', 'RUNNING', 'PAUSED']);
	});

	it('absorbs: what has ended stays as it ended, unless a user asks', () => {
		const unasked = RUN_TRANSITIONS.filter((transition) => transition !== 'retry' && transition !== 'continue');
		for (const status of TERMINAL_STATUSES) expect(reachable(status, unasked)).toEqual(new Set([status]));
	});

	it('says of every event in every status what follows', () => {
		for (const transition of RUN_TRANSITIONS) {
			for (const status of RUN_STATUSES) {
				const next = nextStatus(status, transition);
				expect(next === null || RUN_STATUSES.includes(next)).toBe(true);
			}
		}
	});

	it('leaves no status unreachable and no open run without a way to succeed', () => {
		expect(reachable('QUEUED')).toEqual(new Set(RUN_STATUSES));
		for (const status of ['QUEUED', 'RUNNING', 'PAUSED', 'FAILED', 'CANCELLED'] as const) {
			expect(reachable(status)).toContain('SUCCEEDED');
		}
	});

	it.each([
		['QUEUED', 'lease', 'RUNNING'],
		['RUNNING', 'lease', null],
		['RUNNING', 'expire', 'QUEUED'],
		['RUNNING', 'giveUp', 'FAILED'],
		['RUNNING', 'retryLater', 'QUEUED'],
		['SUCCEEDED', 'continue', 'QUEUED'],
		['PAUSED', 'continue', null],
		['QUEUED', 'finishSucceeded', null],
		['CANCELLED', 'finishSucceeded', null],
		['PAUSED', 'lease', null],
		['PAUSED', 'resume', 'QUEUED'],
		['SUCCEEDED', 'cancel', null],
		['SUCCEEDED', 'retry', null],
	] as const)('%s, %s -> %s', (from, event, to) => {
		expect(nextStatus(from, event)).toBe(to);
	});
});
