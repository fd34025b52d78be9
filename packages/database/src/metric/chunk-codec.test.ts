import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeBatch, encodeBatch } from './batch-codec.js';
import {
	decodeFloats,
	decodeIntegers,
	encodeFloats,
	encodeIntegers,
	packIntegers,
	packValues,
	unpackValues,
} from './chunk-codec.js';

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

test('the packed forms come back too, bit for bit', () => {
	fc.assert(
		fc.property(integers, fc.float64Array(), (list, values) => {
			const numbers = Float64Array.from(list);
			expect(decodeIntegers(packIntegers(numbers), numbers.length)).toEqual(numbers);
			const unpacked = unpackValues(packValues(values), values.length);
			expect(values.every((value, index) => Object.is(value, unpacked[index]))).toBe(true);
		}),
	);
});

test('evenly growing steps take 17 bytes, times with jitter a byte each, values that were float32 less than half', () => {
	const steps = Float64Array.from({ length: 10_000 }, (_, index) => index * 10);
	expect(encodeIntegers(steps).length).toBe(17);
	const times = steps.map((step, index) => step + ((index * 7919) % 5));
	expect(encodeIntegers(times).length).toBeLessThanOrEqual(10_003);
	expect(packIntegers(times).length).toBeLessThan(5_000);
	const values = steps.map((step) => Math.fround(1 / (1 + step) + Math.sin(step) / 10));
	expect(packValues(values).length).toBeLessThan(4 * values.length);
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

test('bytes that are cut short are refused', () => {
	const list = Float64Array.of(5, 7, 9, 1000, 3);
	const forms: [Buffer, (bytes: Buffer) => unknown][] = [
		[encodeIntegers(list), (bytes) => decodeIntegers(bytes, 5)],
		[packValues(list), (bytes) => unpackValues(bytes, 5)],
		[encodeFloats(list), (bytes) => decodeFloats(bytes, 5)],
		[encodeBatch([{ key: 'loss', steps: list, values: list, times: list }]), decodeBatch],
	];
	for (const [bytes, decode] of forms) {
		decode(bytes);
		for (let length = 1; length < bytes.length; length++)
			expect(() => decode(bytes.subarray(0, length)), `${length} of ${bytes.length}`).toThrow();
	}
});
