import { linesOf } from './lines-of.js';
import type { Row } from './row.js';

/** Rows of a file of text alone: a line each, in the column `text`; empty lines are none. @throws GraftError DATA. */
export async function* plainRows(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Row> {
	let line = 0;
	for await (const text of linesOf(chunks, name)) {
		line += 1;
		if (text.trim() !== '') yield { place: `${name}, line ${line}`, cells: { text: text.replace(/\r$/, '') } };
	}
}
