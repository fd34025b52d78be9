import { linesOf } from './lines-of.js';
import { badRow, type Row } from './row.js';

/** Rows of a file with a JSON object in each line; empty lines are none. @throws GraftError DATA that names the line. */
export async function* jsonlRows(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Row> {
	let line = 0;
	for await (const text of linesOf(chunks, name)) {
		line += 1;
		if (text.trim() === '') continue;
		const place = `${name}, line ${line}`;
		yield { place, cells: parseLine(text, place) };
	}
}

function parseLine(text: string, place: string): Record<string, unknown> {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch (cause) {
		return badRow(place, `this is not JSON: ${(cause as Error).message}`);
	}
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
	return badRow(place, 'a row is a JSON object of columns and their values');
}
