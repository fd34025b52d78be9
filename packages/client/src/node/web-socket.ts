import { type ClientOptions, WebSocket } from 'ws';

/** As long as an open socket may be silent before it is asked (connection.ts). */
const HANDSHAKE_MS = 10_000;

/**
 * The `ws` WebSocket, given up where nothing comes before it is open: graphql-ws waits for ever for a handshake. A connection that
 * fell silent between connecting and its answer kept a trainer's stream of commands waiting until the trainer ended.
 */
export class NodeWebSocket extends WebSocket {
	constructor(address: string | URL, protocols?: string | string[], options?: ClientOptions) {
		super(address, protocols, { handshakeTimeout: HANDSHAKE_MS, ...options });
		// graphql-ws takes its own listener off when it is told to end a connection that is not open yet, whose error then ends the process.
		this.on('error', () => undefined);
	}
}
