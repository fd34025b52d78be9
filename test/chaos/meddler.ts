import http, { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { meddleWithSockets } from './meddle-socket.js';
import { between } from './random.js';
import type { WireRecord } from './record.js';

/** A proxy before the API, of HTTP and WebSockets, that takes note of what is acknowledged, and that can be told to meddle with requests. */
export interface Meddler {
	readonly url: string;
	/** Shares of the requests that are sent twice, held back, or answered into the void. */
	meddling: { readonly duplicate: number; readonly delay: number; readonly loseAnswer: number };
	readonly counts: { duplicated: number; delayed: number; answersLost: number };
	close(): Promise<void>;
}

export interface Dice {
	readonly delayMs: number;
	readonly isDuplicated: boolean;
	readonly losesAnswer: boolean;
}

const QUIET = { duplicate: 0, delay: 0, loseAnswer: 0 };
const MAX_DELAY_MS = 1_000;
/** Connections that nobody uses are left, as Node's fetch leaves its own. */
const IDLE_MS = 4_000;
/** Longer than any client waits. */
const LONGEST_MS = 35_000;

export async function startMeddler(upstreamPort: number, record: WireRecord, random: () => number): Promise<Meddler> {
	const agent = new http.Agent({ keepAlive: true, timeout: IDLE_MS });
	const counts = { duplicated: 0, delayed: 0, answersLost: 0 };
	const server = createServer((request, response) => {
		const handled = request.url === '/graphql' && request.method === 'POST' ? graphql : pass;
		handled(request, response).catch(() => response.destroy());
	});

	/** What becomes of one request. */
	function roll(): Dice {
		const dice = random();
		const { duplicate, delay, loseAnswer } = meddler.meddling;
		const isDuplicated = dice > 1 - duplicate;
		const losesAnswer = dice > delay && dice < delay + loseAnswer;
		if (isDuplicated) counts.duplicated += 1;
		if (losesAnswer) counts.answersLost += 1;
		if (dice >= delay) return { delayMs: 0, isDuplicated, losesAnswer };
		counts.delayed += 1;
		return { delayMs: between(random, 0, MAX_DELAY_MS), isDuplicated, losesAnswer };
	}

	async function graphql(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const body = await bytesOf(request);
		const { delayMs, isDuplicated, losesAnswer } = roll();
		if (delayMs > 0) await sleep(delayMs);
		// Whoever has given up waiting leaves the connection too: it may be dead.
		const gone = new AbortController();
		response.once('close', () => gone.abort());
		const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(LONGEST_MS)]);
		const twin = isDuplicated ? forward(request, body, signal).catch(() => null) : null;
		const answer = await forward(request, body, signal);
		await twin;
		if (losesAnswer) {
			response.destroy();
			return;
		}
		response.writeHead(answer.status, answer.headers).end(answer.body);
	}

	/** One round to the API, noted; rejects where the connection breaks. */
	async function forward(request: IncomingMessage, body: Buffer, signal: AbortSignal) {
		const sentAt = Date.now();
		const answer = await new Promise<{ status: number; headers: http.IncomingHttpHeaders; body: Buffer }>(
			(resolve, reject) => {
				const { method, url: path, headers } = request;
				const to = { agent, host: '127.0.0.1', port: upstreamPort, method, path, headers, signal };
				const onward = http.request(to, (back) => {
					bytesOf(back).then(
						(bytes) => resolve({ status: back.statusCode ?? 502, headers: back.headers, body: bytes }),
						reject,
					);
				});
				onward.on('error', reject).end(body);
			},
		);
		record.requests += 1;
		try {
			record.note(JSON.parse(body.toString()), JSON.parse(answer.body.toString()), sentAt);
		} catch {
			// An answer that is no JSON acknowledges nothing.
		}
		return answer;
	}

	/** Files, as they come. */
	async function pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { method, url: path, headers } = request;
		const onward = http.request({ agent, host: '127.0.0.1', port: upstreamPort, method, path, headers }, (back) => {
			response.writeHead(back.statusCode ?? 502, back.headers);
			back.on('error', () => response.destroy());
			back.pipe(response);
		});
		onward.on('error', () => response.destroy());
		request.on('error', () => onward.destroy());
		response.on('close', () => onward.destroy());
		request.pipe(onward);
	}

	const sockets = meddleWithSockets(upstreamPort, record, roll);
	server.on('upgrade', sockets.upgrade);

	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const port = typeof address === 'object' && address !== null ? address.port : 0;
	const meddler: Meddler = {
		url: `http://127.0.0.1:${port}`,
		meddling: QUIET,
		counts,
		close: () =>
			new Promise((resolve) => {
				sockets.close();
				server.close(() => resolve());
				server.closeAllConnections();
				agent.destroy();
			}),
	};
	return meddler;
}

async function bytesOf(stream: IncomingMessage): Promise<Buffer> {
	const chunks: Buffer[] = [];
	for await (const chunk of stream) chunks.push(chunk as Buffer);
	return Buffer.concat(chunks);
}
