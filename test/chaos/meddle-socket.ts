import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket, WebSocketServer } from 'ws';
import type { Dice } from './meddler.js';
import type { WireRecord } from './record.js';

interface Message {
	readonly type: string;
	readonly id?: string;
	readonly payload?: { readonly query?: string; readonly variables?: object };
}
interface Sent {
	readonly payload: object;
	readonly at: number;
	readonly losesAnswer: boolean;
}

const TWIN = ' twin';

/** Requests and answers of one client's socket, noted and meddled with as those over HTTP are; streams pass as they are. */
export function meddleWithSockets(upstreamPort: number, record: WireRecord, roll: () => Dice) {
	const clients = new WebSocketServer({ noServer: true, handleProtocols: () => 'graphql-transport-ws' });

	function join(client: WebSocket, { headers: { host, origin } }: IncomingMessage): void {
		const api = new WebSocket(`ws://127.0.0.1:${upstreamPort}/graphql`, 'graphql-transport-ws', {
			headers: { host, ...(origin === undefined ? {} : { origin }) },
		});
		const sent = new Map<string, Sent>();
		const waiting: string[] = [];
		const toApi = (text: string) => {
			if (api.readyState === WebSocket.CONNECTING) waiting.push(text);
			else if (api.readyState === WebSocket.OPEN) api.send(text);
		};
		api.on('open', () => {
			for (const text of waiting.splice(0)) api.send(text);
		});
		client.on('message', (data) => void onward(String(data)));
		api.on('message', (data) => back(String(data)));
		for (const [end, other] of [[client, api] as const, [api, client] as const]) {
			end.on('error', () => other.terminate());
			// The codes that may not be sent are those of connections that broke.
			end.on('close', (code, reason) =>
				code >= 4000 || code === 1012 ? other.close(code, reason) : other.terminate(),
			);
		}

		async function onward(text: string): Promise<void> {
			const message: Message = JSON.parse(text);
			const { id, payload } = message;
			if (message.type !== 'subscribe' || !id || !payload?.query || /^\s*subscription/.test(payload.query)) {
				return toApi(text);
			}
			const { delayMs, isDuplicated, losesAnswer } = roll();
			if (delayMs > 0) await sleep(delayMs);
			sent.set(id, { payload, at: Date.now(), losesAnswer });
			toApi(text);
			if (!isDuplicated) return;
			sent.set(id + TWIN, { payload, at: Date.now(), losesAnswer: false });
			toApi(JSON.stringify({ ...message, id: id + TWIN }));
		}

		function back(text: string): void {
			const { id = '', type, payload }: Message = JSON.parse(text);
			const asked = sent.get(id);
			if (asked !== undefined && type === 'next') {
				record.requests += 1;
				record.note(asked.payload, payload ?? {}, asked.at);
				if (asked.losesAnswer) client.terminate();
			}
			if (type === 'complete' || type === 'error') sent.delete(id);
			if (!id.endsWith(TWIN) && client.readyState === WebSocket.OPEN) client.send(text);
		}
	}

	return {
		upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
			clients.handleUpgrade(request, socket, head, (client) => join(client, request)),
		close: () => {
			for (const client of clients.clients) client.terminate();
			clients.close();
		},
	};
}
