import { GraftError } from '@graft/domain/error';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, readSafetensors, writeSafetensors } from './index.js';

/** A file of this header and so many bytes of data. */
function file(header: unknown, dataBytes: number, claimed?: bigint): Uint8Array {
	const text = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
	const bytes = new Uint8Array(8 + text.length + dataBytes);
	new DataView(bytes.buffer).setBigUint64(0, claimed ?? BigInt(text.length), true);
	bytes.set(text, 8);
	return bytes;
}
const entry = (begin: number, end: number, shape = [(end - begin) / 4], dtype = 'F32') => ({
	dtype,
	shape,
	data_offsets: [begin, end],
});

describe('safetensors', () => {
	it('reads back what it wrote, bit by bit', () => {
		const tensor = fc
			.array(fc.float({ noNaN: false }), { maxLength: 12 })
			.map((values) => ({ shape: [values.length], values: Float32Array.from(values) }));
		const tensors = fc.dictionary(
			fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__'),
			tensor,
		);
		fc.assert(
			fc.property(tensors, fc.dictionary(fc.string(), fc.string()), (given, metadata) => {
				const names = Object.keys(given).filter((name) => name !== '__proto__');
				const written = writeSafetensors(new Map(names.map((name) => [name, given[name] as never])), metadata);
				const read = readSafetensors(written);
				expect(new Set(read.tensors.keys())).toEqual(new Set(names));
				for (const [name, stored] of read.tensors) {
					const values = float32(name, stored).values;
					expect(new Uint8Array(values.buffer)).toEqual(new Uint8Array(given[name]?.values.buffer ?? []));
				}
			}),
		);
	});

	it('writes the format: length, header, data at a multiple of 8', () => {
		const written = writeSafetensors(new Map([['a', { shape: [2, 1], values: Float32Array.of(1, -2) }]]));
		const length = Number(new DataView(written.buffer).getBigUint64(0, true));
		expect(length % 8).toBe(0);
		expect(JSON.parse(new TextDecoder().decode(written.subarray(8, 8 + length)))).toEqual({
			a: { dtype: 'F32', shape: [2, 1], data_offsets: [0, 8] },
		});
		expect([...written.subarray(8 + length)]).toEqual([0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
	});

	it('reads a Buffer from the middle of other memory', () => {
		const written = writeSafetensors(new Map([['a', { shape: [2], values: Float32Array.of(1, -2) }]]));
		const within = Buffer.concat([Buffer.alloc(5), written]).subarray(5);
		const stored = readSafetensors(within).tensors.get('a');
		expect(stored && [...float32('a', stored).values]).toEqual([1, -2]);
	});

	it.each([
		['too short for a length', new Uint8Array(7), /too few for a header/],
		['a header length beyond the file', file({}, 0, 3n), /claims 3 bytes, but 2/],
		['a header length of 2^60', file({}, 0, 2n ** 60n), /claims 1152921504606846976 bytes/],
		['no JSON', file('{"a":', 0), /not JSON/],
		['a list', file([], 0), /not an object/],
		['an unknown type', file({ a: entry(0, 4, [1], 'F8') }, 4), /unknown type "F8"/],
		['a type that is a property of objects', file({ a: entry(0, 4, [1], 'toString') }, 4), /unknown type "toString"/],
		['a negative size', file({ a: entry(0, 4, [-1]) }, 4), /shape \[-1\]/],
		['sizes that overflow', file({ a: entry(0, 4, [2 ** 40, 2 ** 40]) }, 4), /needs .* bytes/],
		['too few bytes for the shape', file({ a: entry(0, 4, [2]) }, 4), /needs 8 bytes for F32 \[2\] but has 4/],
		['data beyond the end', file({ a: entry(0, 8) }, 4), /ends at byte 8, but the data have 4/],
		['two tensors in one place', file({ a: entry(0, 8), b: entry(4, 8) }, 8), /begins at byte 4, inside another/],
		['a hole', file({ a: entry(0, 4), b: entry(8, 12) }, 12), /Bytes 4 to 8 .* belong to no tensor/],
		['bytes at the end', file({ a: entry(0, 4) }, 8), /last 4 bytes belong to no tensor/],
		['metadata that are no texts', file({ __metadata__: { a: 1 } }, 0), /metadata/],
	])('refuses %s', (_, bytes, message) => {
		expect(() => readSafetensors(bytes)).toThrowError(message);
		expect(() => readSafetensors(bytes)).toThrowError(GraftError);
	});

	it('throws nothing but its own error on damaged files', () => {
		const whole = writeSafetensors(
			new Map([
				['backbone/a/kernel', { shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }],
				['head/b', { shape: [1], values: Float32Array.of(7) }],
			]),
			{ step: '1' },
		);
		const damage = fc.record({
			at: fc.nat(whole.length - 1),
			value: fc.nat(255),
			length: fc.integer({ min: 0, max: whole.length }),
		});
		fc.assert(
			fc.property(damage, ({ at, value, length }) => {
				const bytes = whole.slice(0, length);
				bytes[at] = value;
				try {
					readSafetensors(bytes);
				} catch (error) {
					expect(error).toBeInstanceOf(GraftError);
				}
			}),
			{ numRuns: 2000 },
		);
	});
});
