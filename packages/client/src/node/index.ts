import type { ScriptRun } from '../script/script-run.js';
import { type ResumeRun, resumeRunWith, type StartRun, startRunWith } from '../script/start-run.js';
import { createClientWith, type GraftClient, type GraftClientOptions } from '../transport/client.js';
import { NodeWebSocket } from './web-socket.js';

export { downloadArtifact } from '../artifact/download.js';
export { type ArtifactFile, uploadArtifact, uploadFile, uploadStoredFile } from '../artifact/upload.js';
export { EventPusher } from '../push/event-pusher.js';
export { LogPusher } from '../push/log-pusher.js';
export { type MetricPoint, MetricPusher } from '../push/metric-pusher.js';
export type { PusherOptions } from '../push/sequenced-pusher.js';
export type { ScriptRun } from '../script/script-run.js';
export type { ResumeRun, StartRun } from '../script/start-run.js';
export { BatchSpool, type SpoolOptions, type SyncPolicy } from '../spool/batch-spool.js';
export type { GraftClient, GraftClientOptions } from '../transport/client.js';
export type { ConnectionListener, ConnectionState } from '../transport/connection.js';
export { givenUp, INTERNAL_FAILURES, isUnavailable, mayPass } from '../transport/failure.js';
export { decodeList, encodeList, type WireList } from '../transport/lists.js';
export type { TypedDocument } from '../transport/typed-document.js';

/** A client on Node's fetch and the `ws` WebSocket. */
export function createGraftClient(options: GraftClientOptions): GraftClient {
	return createClientWith(options, { webSocketImpl: NodeWebSocket, requestsOverSocket: true });
}

/** A run that your own script trains: see the README of this package for a whole script. */
export function startRun({ url, ...run }: GraftClientOptions & StartRun): Promise<ScriptRun> {
	return startRunWith(createGraftClient({ url }), run);
}

/** Goes on with a run that an earlier process of the script left. */
export function resumeRun(options: ResumeRun = {}): ScriptRun {
	return resumeRunWith((url) => createGraftClient({ url }), options);
}
