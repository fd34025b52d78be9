import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { endsEarly } from './byte-stream.js';

/**
 * Lists of points as bytes, without loss: every finite double, NaN and the infinities come back as they went in. The
 * first byte names the form, so that old rows stay readable.
 *
 * Steps and times mostly grow evenly: an even list is its first number and its stride, one that is nearly even takes a byte
 * or two for each second difference (zigzag varint), and what such differences cannot hold exactly is float64.
 */
const RAW = 0;
const SECOND_DIFFERENCES = 1;
const EVEN = 2;
const DEFLATED = 3;
const SHUFFLED = 4;
/** Second differences of integers up to this size stay exact, and so does their zigzag form. */
const LARGEST_DIFFERENCE = 2 ** 51;
/** Level 1 is within some percent of the others on what metrics are made of, and five times as fast. */
const COMPRESSION = { level: 1 };

/** Whole numbers up to 2^53 - 1, such as steps, or milliseconds. */
export function encodeIntegers(numbers: Float64Array): Buffer {
	return encodeEven(numbers) ?? encodeDifferences(numbers) ?? encodeRaw(numbers);
}

/** As encodeIntegers, in fewer bytes and more time: for what is kept. */
export function packIntegers(numbers: Float64Array): Buffer {
	const plain = encodeIntegers(numbers);
	if (plain[0] !== SECOND_DIFFERENCES) return plain;
	const deflated = deflateRawSync(plain, COMPRESSION);
	return deflated.length + 1 < plain.length ? Buffer.concat([Buffer.of(DEFLATED), deflated]) : plain;
}

export function decodeIntegers(bytes: Buffer, count: number): Float64Array {
	const numbers = new Float64Array(count);
	decodeIntegersTo(numbers, 0, bytes, count);
	return numbers;
}

/** As decodeIntegers, into a list that is there already, from its place `start` on. */
export function decodeIntegersTo(numbers: Float64Array, start: number, bytes: Buffer, count: number): void {
	const form = bytes[0];
	if (form === RAW) copyFloats(numbers, start, bytes.subarray(1), count);
	else if (form === EVEN) decodeEven(numbers, start, bytes, count);
	else if (form === DEFLATED) decodeIntegersTo(numbers, start, inflateRawSync(bytes.subarray(1)), count);
	else if (form === SECOND_DIFFERENCES) decodeDifferences(numbers, start, bytes, count);
	else throw new Error(`Stored points are damaged: there is no form ${form}.`);
}

function encodeRaw(numbers: Float64Array): Buffer {
	return Buffer.concat([Buffer.of(RAW), encodeFloats(numbers)]);
}

function encodeEven(numbers: Float64Array): Buffer | null {
	if (numbers.length === 0) return null;
	const first = numbers[0] as number;
	const stride = numbers.length > 1 ? (numbers[1] as number) - first : 0;
	let next = first;
	for (let at = 0; at < numbers.length; at++) {
		if (numbers[at] !== next) return null;
		next += stride;
	}
	const bytes = Buffer.allocUnsafe(17);
	bytes[0] = EVEN;
	bytes.writeDoubleLE(first, 1);
	bytes.writeDoubleLE(stride, 9);
	return bytes;
}

function decodeEven(numbers: Float64Array, start: number, bytes: Buffer, count: number): void {
	const stride = bytes.readDoubleLE(9);
	let next = bytes.readDoubleLE(1);
	for (let index = start; index < start + count; index++) {
		numbers[index] = next;
		next += stride;
	}
}

function encodeDifferences(numbers: Float64Array): Buffer | null {
	// A second difference takes 8 bytes at the most: more than that, and the raw form is smaller anyway.
	const bytes = Buffer.allocUnsafe(1 + numbers.length * 8);
	bytes[0] = SECOND_DIFFERENCES;
	let at = 1;
	let previous = 0;
	let difference = 0;
	for (const number of numbers) {
		const next = number - previous;
		const second = next - difference;
		if (!Number.isInteger(number) || Math.abs(next) > LARGEST_DIFFERENCE || Math.abs(second) > LARGEST_DIFFERENCE)
			return null;
		let zigzag = second < 0 ? -2 * second - 1 : 2 * second;
		while (zigzag >= 128) {
			bytes[at++] = (zigzag % 128) + 128;
			zigzag = Math.floor(zigzag / 128);
		}
		bytes[at++] = zigzag;
		previous = number;
		difference = next;
	}
	return Buffer.from(bytes.subarray(0, at));
}

function decodeDifferences(numbers: Float64Array, start: number, bytes: Buffer, count: number): void {
	let at = 1;
	let previous = 0;
	let difference = 0;
	for (let index = start; index < start + count; index++) {
		let zigzag = 0;
		let weight = 1;
		for (;;) {
			const byte = bytes[at++];
			if (byte === undefined) throw endsEarly(bytes);
			zigzag += (byte & 127) * weight;
			if (byte < 128) break;
			weight *= 128;
		}
		difference += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
		previous += difference;
		numbers[index] = previous;
	}
}

/** The memory of the array: every processor that Node runs on is little-endian. */
export function encodeFloats(numbers: Float64Array): Buffer {
	return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

export function decodeFloats(bytes: Buffer, count: number): Float64Array {
	const numbers = new Float64Array(count);
	copyFloats(numbers, 0, bytes, count);
	return numbers;
}

function copyFloats(numbers: Float64Array, start: number, bytes: Buffer, count: number): void {
	if (bytes.length < count * 8) throw endsEarly(bytes);
	bytes.copy(bytesOf(numbers), start * 8, 0, count * 8);
}

/** The memory of a list, to be written to. */
export const bytesOf = ({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array =>
	new Uint8Array(buffer, byteOffset, byteLength);

/**
 * Values, byte by byte of all of them: signs and exponents lie together, and so do the low bytes, which are zero where the
 * values were float32. Deflate finds both; the noise of the mantissas it leaves as it is.
 */
export function packValues(values: Float64Array): Buffer {
	const bytes = encodeFloats(values);
	const planes = Buffer.allocUnsafe(bytes.length);
	const count = values.length;
	for (let plane = 0; plane < 8; plane++)
		for (let at = 0; at < count; at++) planes[plane * count + at] = bytes[at * 8 + plane] as number;
	const deflated = deflateRawSync(planes, COMPRESSION);
	if (deflated.length >= bytes.length) return Buffer.concat([Buffer.of(RAW), bytes]);
	return Buffer.concat([Buffer.of(SHUFFLED), deflated]);
}

export function unpackValues(bytes: Buffer, count: number): Float64Array {
	if (bytes[0] === RAW) return decodeFloats(bytes.subarray(1), count);
	const planes = inflateRawSync(bytes.subarray(1));
	if (planes.length < count * 8) throw endsEarly(planes);
	const values = new Float64Array(count);
	const out = Buffer.from(values.buffer);
	for (let plane = 0; plane < 8; plane++)
		for (let at = 0; at < count; at++) out[at * 8 + plane] = planes[plane * count + at] as number;
	return values;
}
