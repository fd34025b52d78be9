import { WebSocket } from 'ws';
import { createClientWith, type GraftClient, type GraftClientOptions } from '../transport/client.js';

export { type ArtifactFile, downloadArtifact, uploadArtifact } from '../artifact/transfer.js';
export { EventPusher } from '../push/event-pusher.js';
export { LogPusher } from '../push/log-pusher.js';
export { type MetricPoint, MetricPusher } from '../push/metric-pusher.js';
export type { PusherOptions } from '../push/sequenced-pusher.js';
export type { GraftClient, GraftClientOptions } from '../transport/client.js';
export type { ConnectionListener, ConnectionState } from '../transport/connection.js';
export { isUnavailable } from '../transport/failure.js';
export { decodeList, encodeList, type WireList } from '../transport/lists.js';
export type { TypedDocument } from '../transport/typed-document.js';

/** A client on Node's fetch and the `ws` WebSocket. */
export function createGraftClient(options: GraftClientOptions): GraftClient {
	return createClientWith(options, WebSocket);
}
