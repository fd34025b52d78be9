import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { memorySource } from './example-source.js';
import { keptSource, runsOf } from './kept-source.js';

const kept = (values: Float32Array) => ({
	read: async (into: Float32Array, at: number) => into.set(values.subarray(at, at + into.length)),
});

test('gives the examples that one in memory gives, in any order and repeated', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(fc.nat(6)), fc.integer({ min: 1, max: 4 }), async (positions, size) => {
			const values = Float32Array.from({ length: 7 * size }, (_, at) => at);
			const examples = { count: 7, shape: [size], labels: new Int32Array(7) };
			const [one, other] = [keptSource(examples, kept(values)), memorySource({ ...examples, values })];
			expect(await one.read(positions, null)).toEqual(await other.read(positions, null));
		}),
	);
});

test('neighbours are one read', () => {
	expect(runsOf([4, 5, 6, 2, 3, 3, 0])).toEqual([
		[0, 3],
		[3, 5],
		[5, 6],
		[6, 7],
	]);
	expect(runsOf([])).toEqual([]);
});

test('a disk that gives nothing more is said to be that', async () => {
	const source = keptSource(
		{ count: 2, shape: [1], labels: new Int32Array(2) },
		{ read: async () => Promise.reject(new Error('EIO: i/o error')) },
	);
	await expect(source.read([1], null)).rejects.toMatchObject({
		code: 'UNAVAILABLE',
		message: 'The feature cache is not readable: EIO: i/o error.',
	});
});
