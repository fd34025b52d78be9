import { expect, it } from 'vitest';
import { inBatches } from './index.js';

it('does together what is asked in one turn, and answers each', async () => {
	const batches: (readonly number[])[] = [];
	const double = inBatches(
		async (items: readonly number[]) => {
			batches.push(items);
			return items.map((item) => 2 * item);
		},
		{ everyMs: 0, most: 3 },
	);
	expect(await Promise.all([1, 2, 3, 4].map(double))).toEqual([2, 4, 6, 8]);
	expect(batches).toEqual([[1, 2, 3], [4]]);
});

it('collects while the last batch is young', async () => {
	const begun: number[] = [];
	const ask = inBatches(
		async (items: readonly number[]) => {
			begun.push(performance.now());
			return items.map(() => items.length);
		},
		{ everyMs: 40, most: 100 },
	);
	expect(await ask(1)).toBe(1);
	const first = ask(2);
	await new Promise(setImmediate);
	expect(await Promise.all([first, ask(3)])).toEqual([2, 2]);
	// Timers are exact to a millisecond.
	expect((begun[1] ?? 0) - (begun[0] ?? 0)).toBeGreaterThanOrEqual(38);
});

it('throws at everybody who asked, and goes on', async () => {
	let fails = true;
	const ask = inBatches(
		async (items: readonly number[]) => {
			if (fails) throw new Error('away');
			return items;
		},
		{ everyMs: 0, most: 100 },
	);
	const both = await Promise.allSettled([ask(1), ask(2)]);
	expect(both.map((one) => one.status === 'rejected' && one.reason.message)).toEqual(['away', 'away']);
	fails = false;
	expect(await ask(3)).toBe(3);
});
