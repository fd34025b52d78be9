import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { GraftError } from '@graft/domain/error';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Row } from './row.js';

/** A group of rows is decoded as a whole; writers make them of 128 MiB or a million rows. */
const LARGEST_GROUP = { bytes: 2 ** 31, rows: 2 ** 22 };
/** Writers make pages of 1 MiB. A file may claim what it likes, and memory is taken for the claim. */
const LARGEST_PAGE = 2 ** 28;

/** Rows of a Parquet file, of these columns alone where they are known. @throws GraftError DATA where it is broken. */
export async function* parquetRows(
	file: AsyncBuffer,
	name: string,
	columns: readonly string[] | null,
): AsyncGenerator<Row> {
	const metadata = await orBroken(name, () => parquetMetadataAsync(file));
	const there = topColumns(metadata);
	const wanted = columns?.filter((column) => there.includes(column)) ?? there;
	let rowStart = 0;
	for (const group of metadata.row_groups) {
		const { num_rows: count, total_byte_size: bytes } = group;
		if (count < 0 || count > LARGEST_GROUP.rows || bytes > LARGEST_GROUP.bytes) {
			const what = `a group of ${count} rows and ${bytes} bytes begins at row ${rowStart + 1}`;
			throw new GraftError('DATA', `${name}: ${what}, which is too large to be read at once: write smaller groups.`);
		}
		const rowEnd = rowStart + Number(count);
		const range = { file, metadata, columns: [...wanted], rowStart, rowEnd, compressors: bounded, parsers };
		const rows = await orBroken(name, () => parquetReadObjects(range));
		if (rows.length !== rowEnd - rowStart) {
			throw new GraftError('DATA', `${name} is broken: it has fewer rows than it announces.`);
		}
		for (const [index, cells] of rows.entries()) yield { place: `${name}, row ${rowStart + index + 1}`, cells };
		rowStart = rowEnd;
	}
}

/** Node's own, which stop where a page unpacks to more than it claims. */
const counted = {
	GZIP: (input: Uint8Array, size: number) => gunzipSync(input, { maxOutputLength: Math.max(1, size) }),
	BROTLI: (input: Uint8Array, size: number) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, size) }),
};

/** The library's, for pages of a size that memory has room for. */
const bounded = Object.fromEntries(
	Object.entries({ ...compressors, ...counted }).map(([codec, unpack]) => [
		codec,
		(input: Uint8Array, size: number) => {
			if (size <= LARGEST_PAGE) return unpack(input, size);
			throw new Error(`a page claims ${size} bytes, and ${LARGEST_PAGE} are the most that are read`);
		},
	]),
);

const utf8 = new TextDecoder('utf-8', { fatal: true });
const parsers = {
	stringFromBytes: (bytes: Uint8Array | undefined) => (bytes === undefined ? bytes : utf8.decode(bytes)),
};

const topColumns = ({ schema }: FileMetaData): string[] => {
	const names: string[] = [];
	// The schema is a tree laid out flat: the root, then each column followed by what it is made of.
	for (let at = 1; at < schema.length; at += size(schema, at)) names.push(schema[at]?.name ?? '');
	return names;
};

function size(schema: FileMetaData['schema'], at: number): number {
	let total = 1;
	for (let child = 0; child < (schema[at]?.num_children ?? 0); child++) total += size(schema, at + total);
	return total;
}

async function orBroken<T>(name: string, read: () => Promise<T>): Promise<T> {
	try {
		return await read();
	} catch (cause) {
		if (cause instanceof GraftError) throw cause;
		throw new GraftError('DATA', `${name} cannot be read as Parquet: ${(cause as Error).message}.`, {}, { cause });
	}
}
