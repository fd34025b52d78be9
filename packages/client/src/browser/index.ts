import { createClientWith, type GraftClient, type GraftClientOptions } from '../transport/client.js';

export type { GraftClient, GraftClientOptions } from '../transport/client.js';
export type { ConnectionListener, ConnectionState } from '../transport/connection.js';
export { isUnavailable } from '../transport/failure.js';
export { decodeList, encodeList, type WireList } from '../transport/lists.js';
export type { TypedDocument } from '../transport/typed-document.js';

/** A client on the browser's own fetch and WebSocket. */
export function createGraftClient(options: GraftClientOptions): GraftClient {
	return createClientWith(options, { requestsOverSocket: false });
}
