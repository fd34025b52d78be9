import { GraftError } from '@graft/domain/error';
import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import type { Row } from './row.js';

/** A group of rows is decoded as a whole; writers make them of 128 MiB or so. */
const LARGEST_GROUP = 2 ** 31;

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
		const rowEnd = rowStart + Number(group.num_rows);
		if (group.total_byte_size > LARGEST_GROUP) {
			const place = `rows ${rowStart + 1} to ${rowEnd}`;
			const message = `${name}: ${place} are one group of ${group.total_byte_size} bytes; write it with smaller groups.`;
			throw new GraftError('DATA', message);
		}
		const range = { file, metadata, columns: [...wanted], rowStart, rowEnd, compressors, parsers };
		const rows = await orBroken(name, () => parquetReadObjects(range));
		if (rows.length !== rowEnd - rowStart) {
			throw new GraftError('DATA', `${name} is broken: it has fewer rows than it announces.`);
		}
		for (const [index, cells] of rows.entries()) yield { place: `${name}, row ${rowStart + index + 1}`, cells };
		rowStart = rowEnd;
	}
}

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
