import { causeText, unavailable } from '../transport/failure.js';

/** A part takes seconds, a download of a large backbone a while; a stalled transfer should not take for ever. */
const TRANSFER_TIMEOUT_MS = 10 * 60_000;

/** One request whose answer is read whole. `where` is the address as a message may show it. */
export async function transfer(url: string | URL, where: string, init: RequestInit, signal: AbortSignal | undefined) {
	const timeout = AbortSignal.timeout(TRANSFER_TIMEOUT_MS);
	try {
		const response = await fetch(url, { ...init, signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
		return { status: response.status, bytes: new Uint8Array(await response.arrayBuffer()) };
	} catch (error) {
		if (signal?.aborted) throw signal.reason;
		throw unavailable(where, causeText(error), error);
	}
}
