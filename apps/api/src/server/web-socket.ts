import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROTOCOL_HEADER, refuseProtocol } from '@graft/domain/protocol';
import type { Logger } from '@graft/runtime/logger';
import { type ExecutionResult, GraphQLError, type GraphQLSchema } from 'graphql';
import { makeServer } from 'graphql-ws';
import { WebSocketServer } from 'ws';
import type { ApiContext } from '../context/api-context.js';
import { formatError } from '../error/error-edge.js';
import { refuseCostly } from '../schema/query-cost.js';
import { type AddressRules, isHostAllowed, isOriginAllowed } from './addresses.js';
import { documentCache } from './documents.js';
import { type Extra, joinSockets } from './sockets.js';
import { type SubscribeArgs, subscribeWith } from './subscribe.js';

/** A full batch of metrics as text has some 6 MB. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;
/** A peer that was silent for so long is pinged: keeps proxies from cutting a quiet stream; one that is gone is found within twice that. */
export const PING_MS = 12_000;
/** Operations of one socket at a time: bounds what answers a client can pile up by asking and not reading. */
const MAX_OPERATIONS = 500;
/** "Service restart": clients of graphql-ws connect again after it. */
const SERVICE_RESTART = 1012;
/** graphql-ws: the same request cannot succeed, so that its clients do not come back. */
const BAD_REQUEST = 4400;
const CLOSE_TIMEOUT_MS = 1_000;

export interface WebSocketOptions {
	readonly http: Server;
	readonly schema: GraphQLSchema;
	readonly rules: AddressRules;
	readonly contextOf: (request: IncomingMessage) => ApiContext;
	readonly logger: Logger;
	readonly pingMs?: number;
	readonly recheckMs?: number;
}

/** GraphQL over WebSocket at /graphql. Back-pressure is natural: an answer is awaited until the socket has taken it. */
export function serveWebSocket(options: WebSocketOptions) {
	const { http, schema, rules, contextOf, logger, pingMs = PING_MS, recheckMs } = options;
	const server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
	const documentOf = documentCache(schema);

	const protocol = makeServer<Record<string, unknown>, Extra>({
		schema,
		subscribe: subscribeWith(logger, recheckMs),
		onConnect: ({ connectionParams, extra }) => {
			const refused = refuseProtocol(connectionParams?.[PROTOCOL_HEADER]);
			if (refused === null) return true;
			// A reason has room for 123 bytes; HTTP has the whole advice.
			extra.socket.close(BAD_REQUEST, `${refused.code}: this client and this API do not fit together.`);
			return false;
		},
		onSubscribe: ({ extra, subscriptions }, id, { query, operationName, variables }) => {
			if (Object.keys(subscriptions).length > MAX_OPERATIONS) {
				const message = `This connection has ${MAX_OPERATIONS} operations under way already.`;
				return [new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } })];
			}
			const prepared = documentOf(query);
			if ('errors' in prepared) return prepared.errors;
			const { document } = prepared;
			const tooCostly = refuseCostly(schema, document, operationName, variables ?? {});
			if (tooCostly) return [tooCostly];
			const beginning = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
			const args: SubscribeArgs = {
				...{ schema, document, operationName, variableValues: variables, contextValue: contextOf(extra.request) },
				deliver: (text) => extra.send(`${beginning}${text}}`),
			};
			return args;
		},
		onNext: (_context, _id, _payload, _args, result) => (result.errors ? formatted(result) : undefined),
		onError: (_context, _id, _payload, errors) => errors.map((error) => formatError(error, logger)),
	});
	const leave = joinSockets(server, protocol, { pingMs, logger });

	function formatted(result: ExecutionResult): ExecutionResult {
		// Without data nothing was executed: a variable does not fit its type. The code is the one that Apollo gives over HTTP.
		const isRefused = result.data === undefined;
		const errors = result.errors?.map((error) => {
			const told = formatError(error, logger);
			const hasCode = !isRefused || told.extensions !== undefined;
			return hasCode ? told : { ...told, extensions: { code: 'BAD_USER_INPUT' } };
		});
		return { ...result, errors } as ExecutionResult;
	}

	/** Null: this client may connect. */
	function refusalOf({ url, headers: { host, origin } }: IncomingMessage): readonly [string, string] | null {
		if (url?.split('?')[0] !== '/graphql') return ['404 Not Found', 'GraphQL is at /graphql.'];
		if (!isHostAllowed(host, rules)) return ['403 Forbidden', 'Not a Host name of this server.'];
		if (isOriginAllowed(origin, host, rules)) return null;
		logger.warn({ origin }, 'a WebSocket from an origin that GRAFT_DASHBOARD_ORIGINS does not list was refused');
		return ['403 Forbidden', 'This origin may not connect; see GRAFT_DASHBOARD_ORIGINS.'];
	}
	const onUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
		const refusal = refusalOf(request);
		if (refusal) refuse(socket, ...refusal);
		else server.handleUpgrade(request, socket, head, (accepted) => server.emit('connection', accepted, request));
	};
	http.on('upgrade', onUpgrade);

	return {
		/** Takes no more sockets and ends those there are; a peer that does not answer the close is cut off. */
		async close(): Promise<void> {
			leave();
			http.off('upgrade', onUpgrade);
			http.on('upgrade', (_request, socket) => refuse(socket, '503 Service Unavailable', 'The server is going down.'));
			const closed = Promise.all(
				[...server.clients].map((client) => new Promise<void>((resolve) => client.once('close', () => resolve()))),
			);
			for (const client of server.clients) client.close(SERVICE_RESTART, 'Service restart');
			const timer = setTimeout(() => {
				for (const client of server.clients) client.terminate();
			}, CLOSE_TIMEOUT_MS);
			await closed;
			clearTimeout(timer);
			server.close();
		},
	};
}

function refuse(socket: Duplex, status: string, message: string): void {
	socket.on('error', () => socket.destroy());
	const body = `${message}\n`;
	socket.end(
		`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
	);
}
