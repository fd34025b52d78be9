import { open } from 'node:fs/promises';
import { GraftError } from '@graft/domain/error';

/** Kinds of numbers, as NumPy names them; `>` and `<` say the order of bytes. */
const READERS: Readonly<
	Record<string, [bytes: number, read: (view: DataView, at: number, little: boolean) => number]>
> = {
	b1: [1, (view, at) => view.getUint8(at)],
	u1: [1, (view, at) => view.getUint8(at)],
	i1: [1, (view, at) => view.getInt8(at)],
	u2: [2, (view, at, little) => view.getUint16(at, little)],
	i2: [2, (view, at, little) => view.getInt16(at, little)],
	u4: [4, (view, at, little) => view.getUint32(at, little)],
	i4: [4, (view, at, little) => view.getInt32(at, little)],
	u8: [8, (view, at, little) => Number(view.getBigUint64(at, little))],
	i8: [8, (view, at, little) => Number(view.getBigInt64(at, little))],
	f4: [4, (view, at, little) => view.getFloat32(at, little)],
	f8: [8, (view, at, little) => view.getFloat64(at, little)],
};

/** Where an array's numbers lie, row after row. */
export interface ArrayHeader {
	/** For messages. */
	readonly name: string;
	/** Such as `<f4`, `|u1`. */
	readonly type: string;
	readonly shape: readonly number[];
	/** Bytes before the first number. */
	readonly offset: number;
}

/** The whole file in memory, or the path of one that is read where it is wanted. */
export type ArrayBytes = Uint8Array | string;

/** Numbers in rows: `shape[0]` of them. */
export interface NumberArray {
	readonly name: string;
	readonly shape: readonly number[];
	/** The kind without the order of bytes, such as `u1`. */
	readonly type: string;
	/** The rows at these positions, one after the other. */
	readonly read: (positions: readonly number[]) => Promise<Float64Array>;
}

/** @throws GraftError DATA where the kind is none of numbers, or bytes are missing. */
export function numberArray(header: ArrayHeader, bytes: ArrayBytes, length: number): NumberArray {
	const { name, shape, offset } = header;
	const [, order = '', type = ''] = /^([<>|=]?)(.*)$/.exec(header.type) ?? [];
	const reader = Object.hasOwn(READERS, type) ? READERS[type] : undefined;
	if (reader === undefined) {
		throw new GraftError('DATA', `${name} holds ${header.type}; there are ${Object.keys(READERS).join(', ')}.`);
	}
	const [width, read] = reader;
	const [rows = 0, ...rest] = shape;
	const size = rest.reduce((product, one) => product * one, 1);
	const wanted = offset + rows * size * width;
	if (!Number.isSafeInteger(wanted) || wanted > length) {
		throw new GraftError(
			'DATA',
			`${name} is cut off: ${shape.join(' x ')} of ${type} need ${wanted} bytes, it has ${length}.`,
		);
	}
	const rowBytes = size * width;
	return {
		name,
		shape,
		type,
		read: async (positions) => {
			const values = new Float64Array(positions.length * size);
			const rows = await openRows(bytes, name);
			try {
				for (const [index, position] of positions.entries()) {
					const view = await rows.view(offset + position * rowBytes, rowBytes);
					for (let at = 0; at < size; at++) values[index * size + at] = read(view, at * width, order !== '>');
				}
			} finally {
				await rows.close();
			}
			return values;
		},
	};
}

async function openRows(bytes: ArrayBytes, name: string) {
	if (bytes instanceof Uint8Array) {
		const view = async (begin: number, length: number) => new DataView(bytes.buffer, bytes.byteOffset + begin, length);
		return { view, close: async () => undefined };
	}
	const handle = await open(bytes).catch((cause: Error) => {
		throw new GraftError('DATA', `${name} cannot be read: ${cause.message}.`, {}, { cause });
	});
	const view = async (begin: number, length: number) => {
		const row = new Uint8Array(length);
		const { bytesRead } = await handle.read(row, 0, length, begin);
		if (bytesRead < length) throw new GraftError('DATA', `${name} became shorter while it was read.`);
		return new DataView(row.buffer);
	};
	return { view, close: () => handle.close() };
}
