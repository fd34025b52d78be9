import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { afterFailure, RETRY_RULES } from './index.js';

const waits = (kind: string, most = 100) => {
	const all: number[] = [];
	for (let failures = 1; ; failures++) {
		const decision = afterFailure(kind, failures, most);
		if (decision.kind === 'fail') return all;
		all.push(decision.waitMs / 1000);
	}
};

describe('afterFailure', () => {
	it.each([
		['LEASE_EXPIRED', [0, 10, 20, 40]],
		['OUT_OF_MEMORY', [30]],
		['UNAVAILABLE', [10, 20, 40, 80, 160, 320, 600]],
		['DIVERGED', []],
		['BUG', []],
		['a kind of next year', []],
	])('%s waits %j seconds between its attempts', (kind, seconds) => {
		expect(waits(kind)).toEqual(seconds);
	});

	it('never makes more attempts than are allowed, and never waits less than before', () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...Object.keys(RETRY_RULES), 'DATA'),
				fc.integer({ min: 1, max: 20 }),
				(kind, most) => {
					const all = waits(kind, most);
					expect(all.length).toBeLessThan(most);
					expect(all).toEqual([...all].sort((one, other) => one - other));
				},
			),
		);
	});
});
