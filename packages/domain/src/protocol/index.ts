/**
 * Version of what clients and the API say to each other. It counts up with a change that an older client, or an older API,
 * would not understand; fields that are only added need none.
 */
export const PROTOCOL_VERSION = 3;
/**
 * The oldest client that this API understands: since 2, files are sent in parts. One of 3 asks for its next run with the end of the
 * last, which an API of 2 does not know; one of 2 asks by itself.
 */
export const OLDEST_CLIENT = 2;
/** Header of each request, and field of a WebSocket's first message, that says which version a client speaks. */
export const PROTOCOL_HEADER = 'x-graft-protocol';

/** Why a client of this version cannot be served, and what to do; null where it can. A script that says nothing can. */
export function refuseProtocol(given: unknown): { readonly code: string; readonly message: string } | null {
	if (given === undefined || given === null || given === '') return null;
	const version = Number(given);
	if (!Number.isInteger(version))
		return { code: 'BAD_REQUEST', message: `${PROTOCOL_HEADER} is a whole number, not ${String(given).slice(0, 40)}.` };
	if (version < OLDEST_CLIENT) {
		const message = `This client is too old for this API: it speaks version ${version}, and the API needs ${OLDEST_CLIENT} at the least. Update Graft where the client runs, and start it again.`;
		return { code: 'CLIENT_TOO_OLD', message };
	}
	if (version > PROTOCOL_VERSION) {
		const message = `This client is newer than this API: it speaks version ${version}, and the API ${PROTOCOL_VERSION}. Update Graft where the API runs, or use the client that came with it.`;
		return { code: 'API_TOO_OLD', message };
	}
	return null;
}
