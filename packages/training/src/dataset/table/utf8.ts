import { isUtf8 } from 'node:buffer';
import { GraftError } from '@graft/domain/error';

/** A character has so many bytes at the most: what of it may be missing at the end of a chunk is one less. */
const LONGEST = 4;

/** The same bytes, checked as they pass. @throws GraftError DATA with the place of the first byte that is no text. */
export async function* checkUtf8(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
	let before = 0;
	let rest: Uint8Array = new Uint8Array(0);
	for await (const chunk of chunks) {
		const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
		const end = wholeCharacters(bytes);
		const whole = bytes.subarray(0, end);
		if (!isUtf8(whole)) refuse(name, before, whole);
		if (end > 0) yield whole;
		before += end;
		rest = bytes.subarray(end);
	}
	if (rest.length > 0) refuse(name, before, rest);
}

function refuse(name: string, before: number, bytes: Uint8Array): never {
	const offset = before + firstBroken(bytes);
	throw new GraftError('DATA', `${name} is not UTF-8 text: the byte at offset ${offset} belongs to no character.`, {
		offset,
	});
}

/** Where the last character ends that is all there. */
function wholeCharacters(bytes: Uint8Array): number {
	for (let back = 1; back < LONGEST && back <= bytes.length; back++) {
		const byte = bytes[bytes.length - back] ?? 0;
		if ((byte & 0xc0) === 0x80) continue;
		const size = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
		return size > back ? bytes.length - back : bytes.length;
	}
	return bytes.length;
}

/** Where the first character begins that is none. */
function firstBroken(bytes: Uint8Array): number {
	// Every beginning of text is text, but for a last character that is not all there.
	let [good, bad] = [0, bytes.length + 1];
	while (bad - good > 1) {
		const middle = Math.floor((good + bad) / 2);
		if (isBeginning(bytes.subarray(0, middle))) good = middle;
		else bad = middle;
	}
	return wholeCharacters(bytes.subarray(0, good));
}

function isBeginning(bytes: Uint8Array): boolean {
	try {
		new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
		return true;
	} catch {
		return false;
	}
}
