import { badRow, type Row } from './row.js';
import { checkUtf8 } from './utf8.js';

/** Characters that one line may have. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** Rows of a file with a JSON object in each line; empty lines are none. @throws GraftError DATA that names the line. */
export async function* jsonlRows(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Row> {
	let line = 0;
	for await (const text of linesOf(checkUtf8(chunks, name), name)) {
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

async function* linesOf(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
	// Drops the byte order mark that some editors put in front.
	const decoder = new TextDecoder('utf-8');
	let rest = '';
	let count = 0;
	for await (const chunk of chunks) {
		const lines = `${rest}${decoder.decode(chunk, { stream: true })}`.split('\n');
		rest = lines.pop() ?? '';
		count += lines.length;
		if (rest.length > LONGEST_LINE) {
			badRow(`${name}, line ${count + 1}`, `a line of more than ${LONGEST_LINE} characters`);
		}
		yield* lines;
	}
	if (rest !== '') yield rest;
}
