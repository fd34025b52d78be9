import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { deadline } from './deadline.js';

it('aborts with the caller’s signal, for its reason, and that is no end of the time', () => {
	const caller = new AbortController();
	const limit = deadline(60_000, caller.signal);
	expect(limit.signal.aborted).toBe(false);
	caller.abort('enough');
	expect([limit.signal.aborted, limit.signal.reason, limit.isOver()]).toEqual([true, 'enough', false]);
	limit.clear();
	const late = deadline(60_000, caller.signal);
	expect(late.signal.aborted).toBe(true);
	late.clear();
});

it('aborts when the time is over', async () => {
	const limit = deadline(1);
	await new Promise<void>((resolve) => limit.signal.addEventListener('abort', () => resolve()));
	expect(limit.isOver()).toBe(true);
});

it('leaves nothing at the caller’s signal', () => {
	const caller = new AbortController();
	for (let request = 0; request < 100; request += 1) deadline(60_000, caller.signal).clear();
	expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
});
