import { badRow } from './row.js';
import { checkUtf8 } from './utf8.js';

/** Characters that one line may have. */
const LONGEST_LINE = 16 * 1024 * 1024;

/** Lines of UTF-8 text without their ends. @throws GraftError DATA with the place of what is no text, or of a line without an end. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<string> {
	// Drops the byte order mark that some editors put in front.
	const decoder = new TextDecoder('utf-8');
	let rest = '';
	let count = 0;
	for await (const chunk of checkUtf8(chunks, name)) {
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
