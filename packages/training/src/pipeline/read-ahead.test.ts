import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAhead } from './read-ahead.js';

test('everything comes in order, whatever takes how long, and no more is under way than allowed', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.nat(20),
			fc.nat(4),
			fc.array(fc.nat(3), { minLength: 21, maxLength: 21 }),
			async (count, ahead, turns) => {
				let underWay = 0;
				let most = 0;
				const read = async (index: number) => {
					most = Math.max(most, ++underWay);
					for (let turn = 0; turn < (turns[index] ?? 0); turn++) await undefined;
					return index;
				};
				const seen: number[] = [];
				for await (const index of readAhead(count, ahead, read)) {
					seen.push(index);
					underWay--;
				}
				expect(seen).toEqual([...Array(count).keys()]);
				expect(most).toBeLessThanOrEqual(ahead + 1);
			},
		),
	);
});

test('what fails fails in its turn, and leaving early waits for nothing', async () => {
	const read = async (index: number) => {
		if (index === 2) throw new Error('broken');
		return index;
	};
	const seen: number[] = [];
	await expect(async () => {
		for await (const index of readAhead(9, 3, read)) seen.push(index);
	}).rejects.toThrowError('broken');
	expect(seen).toEqual([0, 1]);
	for await (const index of readAhead(9, 3, read)) {
		// Long enough for what fails ahead to be noticed, were it nobody's.
		await new Promise((resolve) => setImmediate(resolve));
		if (index === 1) break;
	}
});
