import { GraftError } from '@graft/domain/error';
import type { WeightMatch } from './match-weights.js';
import { sizeOf } from './weight-file.js';

/**
 * A weight's numbers as float32 in our own layout, piece by piece; only a matrix that has to be turned is in memory as a
 * whole. @throws GraftError DATA for a number that is not finite.
 */
export async function* readFloat32({ spec, tensor, isTransposed }: WeightMatch): AsyncGenerator<Float32Array> {
	if (isTransposed) {
		yield await turned({ spec, tensor, isTransposed });
		return;
	}
	let count = 0;
	for await (const piece of tensor.read()) {
		const values = toFloat32(piece, tensor.dtype, tensor.name);
		count += values.length;
		refuseBroken(values, tensor.name);
		yield values;
	}
	const expected = sizeOf(spec.shape);
	if (count !== expected) {
		throw new GraftError('DATA', `Tensor ${tensor.name} has ${count} numbers instead of ${expected}.`, {
			tensor: tensor.name,
		});
	}
}

async function turned(match: WeightMatch): Promise<Float32Array> {
	const [rows = 0, columns = 0] = match.spec.shape;
	const turned = new Float32Array(rows * columns);
	let at = 0;
	for await (const piece of readFloat32({ ...match, isTransposed: false })) {
		for (const value of piece) {
			turned[(at % rows) * columns + Math.floor(at / rows)] = value;
			at += 1;
		}
	}
	return turned;
}

function toFloat32(bytes: Uint8Array, dtype: string, name: string): Float32Array {
	// A copy where the piece does not lie as typed arrays must.
	const aligned = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
	const of = <T>(view: new (buffer: ArrayBufferLike, offset: number, length: number) => T, size: number) =>
		new view(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / size));
	switch (dtype) {
		case 'F32':
			return of(Float32Array, 4);
		case 'F64':
			return Float32Array.from(of(Float64Array, 8));
		case 'BF16':
			return new Float32Array(Uint32Array.from(of(Uint16Array, 2), (bits) => bits << 16).buffer);
		case 'F16':
			return Float32Array.from(of(Uint16Array, 2), half);
		default:
			throw new GraftError('DATA', `Tensor ${name} is ${dtype}; weights are F32, F64, F16 or BF16.`, { tensor: name });
	}
}

/** IEEE 754's 16 bits: sign, five of exponent, ten of fraction. */
function half(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 31;
	const fraction = bits & 1023;
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const EXPONENT = 0x7f80_0000;

function refuseBroken(values: Float32Array, name: string): void {
	const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
	const at = bits.findIndex((one) => (one & EXPONENT) === EXPONENT);
	if (at < 0) return;
	throw new GraftError('DATA', `Tensor ${name} holds ${values[at]}, which is no finite number.`, { tensor: name });
}
