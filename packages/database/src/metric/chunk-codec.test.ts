import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeFloats, decodeIntegers, encodeFloats, encodeIntegers } from './chunk-codec.js';

const integers = fc.array(
	fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.maxSafeInteger(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER, -1)),
);

test('whole numbers come back, also those whose differences overflow', () => {
	fc.assert(
		fc.property(integers, (list) => {
			const numbers = Float64Array.from(list);
			expect(decodeIntegers(encodeIntegers(numbers), numbers.length)).toEqual(numbers);
		}),
	);
});

test('evenly growing steps take a byte each', () => {
	const steps = Float64Array.from({ length: 1000 }, (_, index) => index * 10);
	expect(encodeIntegers(steps).length).toBeLessThanOrEqual(1002);
});

test('the layout is fixed: 5, 7, 9, 8 by hand', () => {
	// Second differences 5, -3, 0, -3; zigzag 10, 5, 0, 5.
	expect([...encodeIntegers(Float64Array.of(5, 7, 9, 8))]).toEqual([1, 10, 5, 0, 5]);
	expect([...encodeFloats(Float64Array.of(1))]).toEqual([0, 0, 0, 0, 0, 0, 0xf0, 0x3f]);
});

test('doubles come back bit for bit, NaN and the infinities and -0 too', () => {
	fc.assert(
		fc.property(fc.float64Array(), (numbers) => {
			const decoded = decodeFloats(encodeFloats(numbers), numbers.length);
			expect(numbers.every((value, index) => Object.is(value, decoded[index]))).toBe(true);
		}),
	);
});
