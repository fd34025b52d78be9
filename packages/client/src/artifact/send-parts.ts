import { GraftError } from '@graft/domain/error';
import type { MissingPartFragment } from '../gql/index.js';
import { unavailable } from '../transport/failure.js';
import type { FileSource } from './file-source.js';
import { transfer } from './transfer.js';

/** Parts under way at a time: enough to fill a line that has some delay, and 32 MiB of memory. */
const AT_ONCE = 4;
/** May pass: expired or forgotten addresses, of which a new announcement brings new ones, and a store that is busy. */
const PASSING: ReadonlySet<number> = new Set([403, 404, 408, 409, 429]);

/**
 * Sends the parts. When one fails the others that are under way still arrive, so that the next try sends less.
 * @throws GraftError UNAVAILABLE, or DATA where the store says that the bytes are not what was announced.
 */
export async function sendParts(
	parts: readonly MissingPartFragment[],
	{ source, baseUrl, onSent }: { source: FileSource; baseUrl: string; onSent?: (bytes: number) => void },
	signal?: AbortSignal,
): Promise<void> {
	const waiting = [...parts];
	let failed: unknown = null;
	const lane = async () => {
		for (let part = waiting.shift(); part !== undefined && failed === null; part = waiting.shift()) {
			try {
				const { number, offset, bytes, url, headers } = part;
				await put(new URL(url, `${baseUrl}/`), await source.read(offset, bytes), headers, number, signal);
				onSent?.(bytes);
			} catch (error) {
				failed ??= error;
			}
		}
	};
	await Promise.all(Array.from({ length: Math.min(AT_ONCE, parts.length) }, lane));
	if (failed !== null) throw failed;
}

async function put(
	url: URL,
	body: Uint8Array,
	headers: MissingPartFragment['headers'],
	number: number,
	signal: AbortSignal | undefined,
): Promise<void> {
	const own = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
	const init = {
		method: 'PUT',
		// The types of Node's fetch are those of browsers, which know no shared memory.
		body: body as unknown as BodyInit,
		headers: { 'content-type': 'application/octet-stream', ...own },
	};
	// The query is a right to write: it belongs in no message.
	const where = `${url.origin}${url.pathname}`;
	const { status, bytes } = await transfer(url, where, init, signal);
	if (status >= 200 && status < 300) return;
	const { code, message } = wordsOf(new TextDecoder().decode(bytes.subarray(0, 4000)));
	const told = `status ${status}: ${code === null ? message : `${code}, ${message}`}`;
	if (status >= 500 || PASSING.has(status) || code === 'RequestTimeout') throw unavailable(where, told);
	throw new GraftError('DATA', `The store did not take part ${number} of the file (${told})`, { status, code });
}

/** The API answers in words, S3 in XML, of which only these two elements are for people. */
function wordsOf(text: string): { code: string | null; message: string } {
	const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? null;
	const code = element('Code');
	return { code, message: element('Message') ?? (code === null ? text.slice(0, 300) : '') };
}
