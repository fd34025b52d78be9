import { expect, it } from 'vitest';
import { inTurns } from './index.js';

/** Pieces of work that end when they are told to. */
function pieces(count: number) {
	const begun: number[] = [];
	const ends: ((how: () => void) => void)[] = [];
	const works = Array.from({ length: count }, (_, index) => () => {
		begun.push(index);
		return new Promise<number>((resolve, reject) => {
			ends[index] = (how) => {
				try {
					how();
					resolve(index);
				} catch (error) {
					reject(error);
				}
			};
		});
	});
	return { begun, works, end: (index: number, how = () => {}) => ends[index]?.(how) };
}
const turn = () => new Promise(setImmediate);

it('does two at once, the others in the order in which they came', async () => {
	const { begun, works, end } = pieces(4);
	const inOrder = inTurns({ most: 2, patienceMs: 60_000 });
	const answers = works.map((work) => inOrder(work));
	await turn();
	expect(begun).toEqual([0, 1]);
	end(1);
	expect(await answers[1]).toBe(1);
	await turn();
	expect(begun).toEqual([0, 1, 2]);
	for (const index of [0, 2]) end(index);
	await turn();
	end(3);
	expect(await Promise.all(answers)).toEqual([0, 1, 2, 3]);
});

it('goes on after work that fails, also at once', async () => {
	const { works, end } = pieces(1);
	const inOrder = inTurns({ most: 1, patienceMs: 60_000 });
	const failed = inOrder(works[0] as () => Promise<number>);
	const failedAtOnce = inOrder(() => {
		throw new Error('at once');
	});
	const fine = inOrder(async () => 'fine');
	await turn();
	end(0, () => {
		throw new Error('away');
	});
	await expect(failed).rejects.toThrow('away');
	await expect(failedAtOnce).rejects.toThrow('at once');
	expect(await fine).toBe('fine');
});

it('lets nobody wait for work that waits itself', async () => {
	const { begun, works, end } = pieces(3);
	const inOrder = inTurns({ most: 1, patienceMs: 5 });
	const [first, second, third] = works.map((work) => inOrder(work));
	await turn();
	end(1);
	expect(begun).toEqual([0]);
	while (begun.length < 2) await turn();
	end(1);
	expect(await second).toBe(1);
	// The one that lost its place has none to give when it ends.
	end(0);
	expect(await first).toBe(0);
	while (begun.length < 3) await turn();
	end(2);
	expect(await third).toBe(2);
});
