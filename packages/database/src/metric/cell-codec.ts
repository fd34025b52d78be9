import type { Cells, NonFiniteCell } from '@graft/domain/metric';
import { ByteReader, ByteWriter } from './byte-stream.js';
import { decodeFloats, decodeIntegers, encodeFloats, encodeIntegers } from './chunk-codec.js';

const KINDS = ['NaN', 'Infinity', '-Infinity'] as const satisfies readonly NonFiniteCell['value'][];

/** Cells as bytes, about 30 a cell. Minimum, maximum and mean stay float64: they are read often, and as they are. */
export function encodeCells(cells: Cells): Buffer {
	const out = new ByteWriter();
	const size = cells.index.length;
	for (const number of [cells.level, cells.points, size, cells.nonFinite.length]) out.varint(number);
	for (const list of [cells.index, cells.firstStep, cells.firstTime, cells.count]) out.run(encodeIntegers(list));
	for (const list of [cells.min, cells.max, cells.mean]) out.raw(encodeFloats(list));
	for (const { value, step, time } of cells.nonFinite) {
		out.varint(KINDS.indexOf(value));
		out.double(step);
		out.double(time);
	}
	return out.finish();
}

export function decodeCells(bytes: Buffer): Cells {
	const from = new ByteReader(bytes);
	const [level, points, size, events] = [from.varint(), from.varint(), from.varint(), from.varint()];
	const integers = () => decodeIntegers(from.run(), size);
	const floats = () => decodeFloats(from.raw(size * 8), size);
	return {
		...{ level, points },
		...{ index: integers(), firstStep: integers(), firstTime: integers(), count: integers() },
		...{ min: floats(), max: floats(), mean: floats() },
		nonFinite: Array.from({ length: events }, () => ({
			value: KINDS[from.varint()] ?? 'NaN',
			step: from.double(),
			time: from.double(),
		})),
	};
}

/** Cells of several levels as one value, and where in it those of each level end. */
export interface StoredPyramid {
	readonly levels: readonly number[];
	readonly ends: readonly number[];
	readonly cells: Buffer;
}

export function encodePyramid(pyramid: readonly Cells[]): StoredPyramid {
	const parts = pyramid.map(encodeCells);
	let end = 0;
	const ends = parts.map(({ length }) => {
		end += length;
		return end;
	});
	return { levels: pyramid.map(({ level }) => level), ends, cells: Buffer.concat(parts) };
}
