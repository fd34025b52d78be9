import { createHash } from 'node:crypto';
import { GraftError } from '@graft/domain/error';

/** What bytes should be; `name` says it to people. */
export interface Expected {
	readonly name: string;
	readonly bytes: number;
	readonly sha256: string;
}

/**
 * Gives the bytes on while it counts and hashes them, so that a wrong or endless body is cut off at its announced size.
 * @throws GraftError DATA at the end, or before, where they are not what was announced.
 */
export async function* checkedBytes(
	expected: Expected,
	source: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
	const hash = createHash('sha256');
	let received = 0;
	for await (const chunk of source) {
		received += chunk.byteLength;
		if (received > expected.bytes) throw wrongBytes(expected, `more than the announced ${expected.bytes} bytes came`);
		hash.update(chunk);
		yield chunk;
	}
	if (received < expected.bytes)
		throw wrongBytes(expected, `${received} of the announced ${expected.bytes} bytes came`);
	const digest = hash.digest('hex');
	if (digest !== expected.sha256) throw wrongBytes(expected, `their sha256 is ${digest}`);
}

export const wrongBytes = ({ name }: { readonly name: string }, found: string): GraftError =>
	new GraftError('DATA', `The bytes are not those of ${name}: ${found}. Nothing was stored.`);
