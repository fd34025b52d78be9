import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawMix, mixExamples } from './mixup.js';

const numbers = (size: number) =>
	fc.array(fc.float({ min: -9, max: 9, noNaN: true }), { minLength: size, maxLength: size });
/** Without -0, which a blend turns into 0. */
const plain = (values: number[]) => Float32Array.from(values, (value) => value + 0);
const batch = fc
	.integer({ min: 1, max: 6 })
	.chain((count) => fc.record({ values: numbers(count * 3), targets: numbers(count * 2), count: fc.constant(count) }))
	.map(({ values, targets, count }) => ({
		...{ values: plain(values), targets: plain(targets), count },
	}));

describe('mixup', () => {
	it('blends each example with its partner, inputs and targets alike', () => {
		const two = { values: Float32Array.of(0, 10, 4, 20), targets: Float32Array.of(1, 0, 0, 1) };
		const mixed = mixExamples(two, { lambda: 0.75, partners: [1, 0] });
		expect([...mixed.values]).toEqual([1, 12.5, 3, 17.5]);
		expect([...mixed.targets]).toEqual([0.75, 0.25, 0.25, 0.75]);
	});

	it('leaves a batch as it is where lambda is 1, and swaps partners where it is 0', () => {
		fc.assert(
			fc.property(batch, fc.integer(), (given, seed) => {
				const { partners } = drawMix(0.4, given.count, seed, 0);
				expect(mixExamples(given, { lambda: 1, partners })).toEqual({ values: given.values, targets: given.targets });
				const swapped = mixExamples(given, { lambda: 0, partners });
				partners.forEach((partner, at) => {
					expect(swapped.values.slice(at * 3, at * 3 + 3)).toEqual(given.values.slice(partner * 3, partner * 3 + 3));
				});
			}),
		);
	});

	it('draws from seed and step alone, and every example is a partner once', () => {
		fc.assert(
			fc.property(fc.integer(), fc.nat(1000), fc.integer({ min: 1, max: 40 }), (seed, step, count) => {
				const mix = drawMix(0.2, count, seed, step);
				expect(drawMix(0.2, count, seed, step)).toEqual(mix);
				expect(mix.lambda).toBeGreaterThanOrEqual(0);
				expect(mix.lambda).toBeLessThanOrEqual(1);
				expect([...mix.partners].sort((a, b) => a - b)).toEqual([...Array(count).keys()]);
			}),
		);
		expect(drawMix(0.2, 4, 1, 1).lambda).not.toBe(drawMix(0.2, 4, 1, 2).lambda);
	});
});
