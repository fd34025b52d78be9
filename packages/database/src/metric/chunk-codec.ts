/**
 * Lists of points as bytes. Steps and times mostly grow evenly, so their second differences are mostly 0 and take one
 * byte each (zigzag varint); numbers that such differences cannot hold exactly, and all values, are float64 in little
 * endian. Every finite double, NaN and the infinities come back as they went in.
 */
const RAW = 0;
const SECOND_DIFFERENCES = 1;

/** Second differences of integers up to this size stay exact, and so does their zigzag form. */
const LARGEST_DIFFERENCE = 2 ** 51;

/** Whole numbers up to 2^53 - 1, such as steps, or milliseconds. */
export function encodeIntegers(numbers: Float64Array): Buffer {
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
			return encodeRaw(numbers);
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

export function decodeIntegers(bytes: Buffer, count: number): Float64Array {
	if (bytes[0] === RAW) return decodeFloats(bytes.subarray(1), count);
	const numbers = new Float64Array(count);
	let at = 1;
	let previous = 0;
	let difference = 0;
	for (let index = 0; index < count; index++) {
		let zigzag = 0;
		let weight = 1;
		for (;;) {
			const byte = bytes[at++] as number;
			zigzag += (byte & 127) * weight;
			if (byte < 128) break;
			weight *= 128;
		}
		difference += zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
		previous += difference;
		numbers[index] = previous;
	}
	return numbers;
}

function encodeRaw(numbers: Float64Array): Buffer {
	return Buffer.concat([Buffer.of(RAW), encodeFloats(numbers)]);
}

export function encodeFloats(numbers: Float64Array): Buffer {
	const bytes = Buffer.allocUnsafe(numbers.length * 8);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	for (let index = 0; index < numbers.length; index++) view.setFloat64(index * 8, numbers[index] as number, true);
	return bytes;
}

export function decodeFloats(bytes: Buffer, count: number): Float64Array {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	return Float64Array.from({ length: count }, (_, index) => view.getFloat64(index * 8, true));
}
