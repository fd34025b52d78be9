import { describe, expect, it } from 'vitest';
import { createHub } from './hub.js';

/** Takes so much time of the process as if it read and wrote. */
function busy(ms: number): void {
	for (const until = performance.now() + ms; performance.now() < until; );
}

describe('listeners that wake together', () => {
	/** When a listener that takes so long each time was woken, while there is always news. */
	async function wakesOf(tickMs: number, takesMs: number): Promise<number[]> {
		const hub = createHub(tickMs);
		const news = hub.listen(['a'], true);
		const wokenAt: number[] = [];
		while (wokenAt.length < 5) {
			hub.announce(['a']);
			expect(await news.next()).toEqual(new Set(['a']));
			wokenAt.push(performance.now());
			busy(takesMs);
		}
		hub.close();
		return wokenAt;
	}
	const gaps = (times: readonly number[]) => times.slice(1).map((time, index) => time - (times[index] ?? 0));

	it('do so a tick apart at least', async () => {
		// Timers count whole milliseconds and may be early by a part of one.
		for (const gap of gaps(await wakesOf(10, 0))) expect(gap).toBeGreaterThan(8.9);
	});

	it('leave others a quarter of the time where they take longer than that', async () => {
		for (const gap of gaps(await wakesOf(1, 20))) expect(gap).toBeGreaterThan(25.6);
	});

	it('are told once of all that happened in between, in the order in which it happened', async () => {
		const hub = createHub(5);
		const [one, other] = [hub.listen(['a', 'b'], true), hub.listen(['b'], true)];
		const order: string[] = [];
		const waits = [one.next().then(() => order.push('one')), other.next().then(() => order.push('other'))];
		hub.announce(['b']);
		await Promise.all(waits);
		expect(order).toEqual(['one', 'other']);
		const next = one.next();
		hub.announce(['a']);
		hub.announce(['b', 'a']);
		expect(await next).toEqual(new Set(['a', 'b']));
		hub.close();
		expect(await other.next()).toBeNull();
		expect(hub.size).toBe(0);
	});
});
