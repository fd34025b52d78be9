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
				for (const event of events) {
					const next = nextStatus(status, event);
					if (next === null) continue;
					if (status === 'RUNNING') live--;
					if (event === 'lease') live++;
					if (next === 'SUCCEEDED') succeeded++;
					status = next;
					expect(live).toBe(status === 'RUNNING' ? 1 : 0);
				}
				expect(succeeded).toBeLessThanOrEqual(1);
			}),
		);
	});

	it('leaves a terminal status by retry only, and SUCCEEDED and PRUNED never', () => {
		for (const status of TERMINAL_STATUSES) {
			const exits = RUN_TRANSITIONS.filter((transition) => nextStatus(status, transition) !== null);
			expect(exits).toEqual(status === 'FAILED' || status === 'CANCELLED' ? ['retry'] : []);
			expect(isTerminal(status)).toBe(true);
		}
		expect(RUN_STATUSES.filter((status) => !isTerminal(status))).toEqual(['QUEUED', 'RUNNING', 'PAUSED']);
	});

	it('absorbs: without retry, what has ended stays as it ended', () => {
		const withoutRetry = RUN_TRANSITIONS.filter((transition) => transition !== 'retry');
		for (const status of TERMINAL_STATUSES) expect(reachable(status, withoutRetry)).toEqual(new Set([status]));
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
