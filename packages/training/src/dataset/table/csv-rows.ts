import { Readable } from 'node:stream';
import { GraftError } from '@graft/domain/error';
import { type CsvError, parse } from 'csv-parse';
import { badRow, type Row } from './row.js';
import { checkUtf8 } from './utf8.js';

/** Characters that one row may have: an open quotation mark must not read a whole file into memory. */
const LARGEST_ROW = 16 * 1024 * 1024;

interface Parsed {
	readonly record: readonly string[];
	readonly info: { readonly lines: number };
}

/** Rows of a CSV file (RFC 4180) with a line of column names. @throws GraftError DATA that names the line. */
export async function* csvRows(
	chunks: AsyncIterable<Uint8Array>,
	name: string,
	delimiter: string,
): AsyncGenerator<Row> {
	const lines = { record_delimiter: ['\r\n', '\n', '\r'], skip_empty_lines: true };
	const options = { bom: true, delimiter, info: true, relax_column_count: true, ...lines };
	const parser = parse({ ...options, max_record_size: LARGEST_ROW });
	const source = Readable.from(checkUtf8(chunks, name), { objectMode: false });
	// The reader's own error comes through the parser, where the loop below sees it.
	source.on('error', (error) => parser.destroy(error));
	source.pipe(parser);
	let header: readonly string[] | null = null;
	try {
		for await (const { record, info } of parser as AsyncIterable<Parsed>) {
			const place = `${name}, line ${info.lines - linesWithin(record)}`;
			if (header === null) header = checkHeader(record, place);
			else yield { place, cells: cellsOf(header, record, place) };
		}
	} catch (error) {
		throw explained(error, name);
	} finally {
		source.destroy();
	}
	if (header === null) throw new GraftError('DATA', `${name} is empty: not even column names are there.`);
}

function checkHeader(names: readonly string[], place: string): readonly string[] {
	const twice = names.find((name, at) => names.indexOf(name) < at);
	if (twice !== undefined) badRow(place, `two columns are called ${JSON.stringify(twice)}`);
	return names;
}

function cellsOf(header: readonly string[], record: readonly string[], place: string): Record<string, string> {
	if (record.length !== header.length) badRow(place, `${record.length} cells, but ${header.length} columns`);
	const cells: Record<string, string> = Object.create(null) as Record<string, string>;
	header.forEach((name, at) => {
		cells[name] = record[at] ?? '';
	});
	return cells;
}

const linesWithin = (record: readonly string[]): number =>
	record.reduce((sum, cell) => sum + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 0);

function explained(error: unknown, name: string): unknown {
	const { code, lines } = error as Partial<CsvError> & { readonly lines?: number };
	if (error instanceof GraftError || typeof code !== 'string' || typeof lines !== 'number') return error;
	if (code === 'CSV_MAX_RECORD_SIZE') {
		const message = `${name}, line ${lines}: a row of more than ${LARGEST_ROW} characters; is a quotation mark open?`;
		return new GraftError('DATA', message, { line: lines }, { cause: error });
	}
	const message = `${name}, line ${lines}: this is not CSV: ${(error as Error).message}.`;
	return new GraftError('DATA', message, { line: lines }, { cause: error });
}
