import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import { PROTOCOL_HEADER, refuseProtocol } from '@graft/domain/protocol';
import type { Logger } from '@graft/runtime/logger';
import type { ApiContext } from '../context/api-context.js';
import { formatError } from '../error/error-edge.js';
import { type AddressRules, isHostAllowed } from './addresses.js';
import { ANSWER_HEADERS, BODY_LIMIT_BYTES, tooLargeError, unreadableError } from './request-body.js';

interface PlainPost {
	readonly rules: AddressRules;
	readonly apollo: ApolloServer<ApiContext>;
	readonly contextOf: (request: IncomingMessage) => ApiContext;
	readonly logger: Logger;
	/** Answers everything that is not as plain as this. */
	readonly otherwise: RequestListener;
}

/**
 * The request of trainers and scripts, without the way through Express' layers, which for a batch of metrics take longer than
 * storing it: a POST of plain JSON to /graphql that no browser sent and nobody compressed. Everything else, and whatever is
 * refused before its body is read, is Express'; the answers are the same.
 */
export function plainPost({ rules, apollo, contextOf, logger, otherwise }: PlainPost): RequestListener {
	const isPlain = ({ method, url, headers }: IncomingMessage): boolean =>
		method === 'POST' &&
		url === '/graphql' &&
		headers['content-type'] === 'application/json' &&
		headers['content-encoding'] === undefined &&
		headers.origin === undefined &&
		!(Number(headers['content-length']) > BODY_LIMIT_BYTES) &&
		isHostAllowed(headers.host, rules) &&
		refuseProtocol(headers[PROTOCOL_HEADER]) === null;

	async function answer(request: IncomingMessage, response: ServerResponse, body: unknown): Promise<void> {
		const headers = new HeaderMap();
		for (const name in request.headers) headers.set(name, String(request.headers[name]));
		const httpGraphQLRequest = { method: 'POST', headers, search: '', body };
		const context = async () => contextOf(request);
		const given = await apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context });
		const parts = given.body.kind === 'complete' ? [given.body.string] : given.body.asyncIterator;
		let text = '';
		for await (const part of parts) text += part;
		send(response, given.status ?? 200, text, given.headers);
	}

	return (request, response) => {
		if (!isPlain(request)) return otherwise(request, response);
		readBody(request).then(
			(text) => {
				if (text === null) return send(response, 413, JSON.stringify({ errors: [tooLargeError()] }));
				let body: unknown;
				try {
					body = text === '' ? undefined : JSON.parse(text);
				} catch {
					return send(response, 400, JSON.stringify({ errors: [unreadableError('entity.parse.failed')] }));
				}
				answer(request, response, body).catch((error: unknown) =>
					send(response, 500, JSON.stringify({ errors: [formatError(error, logger)] })),
				);
			},
			// The client is gone, and nobody waits for an answer.
			() => response.destroy(),
		);
	};
}

function send(response: ServerResponse, status: number, text: string, headers: Iterable<[string, string]> = []): void {
	response.writeHead(status, {
		'content-type': 'application/json; charset=utf-8',
		...ANSWER_HEADERS,
		...Object.fromEntries(headers),
		'content-length': Buffer.byteLength(text),
	});
	response.end(text);
}

/** Null: more than the limit; the rest of it is read and thrown away, so that the client reads the answer. */
function readBody(request: IncomingMessage): Promise<string | null> {
	return new Promise((resolve, reject) => {
		const chunks: Buffer[] = [];
		let bytes = 0;
		request.on('data', (chunk: Buffer) => {
			bytes += chunk.length;
			if (bytes > BODY_LIMIT_BYTES) chunks.length = 0;
			else chunks.push(chunk);
		});
		request.on('end', () => {
			if (bytes > BODY_LIMIT_BYTES) resolve(null);
			else resolve((chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)).toString());
		});
		request.on('error', reject);
	});
}
