import { causeText, unavailable } from '../transport/failure.js';

/** A peer that has said nothing for so long is taken for gone: a half-open connection, or a machine that stands still. */
const SILENCE_MS = 30_000;
/** What is being sent cannot be watched on its way: for each byte it may take as long as on a line of 256 kbit/s. */
const BYTES_PER_MS = 32;

/**
 * One request whose answer is read whole. `where` is the address as a message may show it. It has no end of its own but is
 * given up where nothing comes: a large download may take an hour, a stalled one half a minute.
 */
export async function transfer(
	url: string | URL,
	where: string,
	init: RequestInit,
	signal: AbortSignal | undefined,
	silenceMs = SILENCE_MS,
) {
	const stalled = new AbortController();
	const sent = init.body instanceof Uint8Array ? init.body.byteLength : 0;
	let timer = setTimeout(() => stalled.abort(), silenceMs + sent / BYTES_PER_MS);
	try {
		const response = await fetch(url, {
			...init,
			signal: signal ? AbortSignal.any([signal, stalled.signal]) : stalled.signal,
		});
		const chunks: Uint8Array[] = [];
		for await (const chunk of response.body ?? []) {
			clearTimeout(timer);
			timer = setTimeout(() => stalled.abort(), silenceMs);
			chunks.push(chunk);
		}
		return { status: response.status, bytes: joined(chunks) };
	} catch (error) {
		if (signal?.aborted) throw signal.reason;
		const why = stalled.signal.aborted ? `nothing came for ${silenceMs / 1000} s` : causeText(error);
		throw unavailable(where, why, error);
	} finally {
		clearTimeout(timer);
	}
}

function joined(chunks: readonly Uint8Array[]): Uint8Array {
	const bytes = new Uint8Array(chunks.reduce((sum, { byteLength }) => sum + byteLength, 0));
	let at = 0;
	for (const chunk of chunks) {
		bytes.set(chunk, at);
		at += chunk.byteLength;
	}
	return bytes;
}
