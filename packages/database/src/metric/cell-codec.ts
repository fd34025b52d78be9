import type { Cells, NonFiniteCell } from '@graft/domain/metric';
import { ByteReader, ByteWriter } from './byte-stream.js';
import { bytesOf, decodeIntegersTo, encodeFloats, encodeIntegers } from './chunk-codec.js';

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

/** Encoded cells of which only the head was read. */
export interface EncodedCells {
	readonly level: number;
	/** Points that they stand for. */
	readonly points: number;
	/** How many cells. */
	readonly size: number;
	/** How many values that are no finite numbers. */
	readonly events: number;
	readonly bytes: Buffer;
	/** Where in the bytes the lists begin. */
	readonly at: number;
}

export function readCellsHead(bytes: Buffer): EncodedCells {
	const from = new ByteReader(bytes);
	const [level, points, size, events] = [from.varint(), from.varint(), from.varint(), from.varint()];
	return { level, points, size, events, bytes, at: from.at };
}

/** Lists of cells of one level, one behind the other: an overview reads hundreds of short ones. */
export function decodeCells(level: number, parts: readonly EncodedCells[]): Cells {
	let [points, length] = [0, 0];
	for (const part of parts) {
		points += part.points;
		length += part.size;
	}
	const list = () => new Float64Array(length);
	const [index, firstStep, firstTime, count, min, max, mean] = [list(), list(), list(), list(), list(), list(), list()];
	const integers = [index, firstStep, firstTime, count];
	const values = [min, max, mean].map(bytesOf);
	const nonFinite: NonFiniteCell[] = [];
	let start = 0;
	for (const { bytes, at, size, events } of parts) {
		const from = new ByteReader(bytes, at);
		for (const to of integers) decodeIntegersTo(to, start, from.run(), size);
		for (const to of values) from.copy(size * 8, to, start * 8);
		for (let event = 0; event < events; event++)
			nonFinite.push({ value: KINDS[from.varint()] ?? 'NaN', step: from.double(), time: from.double() });
		start += size;
	}
	return { level, points, index, firstStep, firstTime, count, min, max, mean, nonFinite };
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
