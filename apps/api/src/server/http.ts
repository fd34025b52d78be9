import type { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { PROTOCOL_HEADER, refuseProtocol } from '@graft/domain/protocol';
import type { ServedArtifactStore } from '@graft/engine';
import type { Logger } from '@graft/runtime/logger';
import cors from 'cors';
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import { artifactRoutes } from '../artifact/artifact.routes.js';
import type { ApiContext } from '../context/api-context.js';
import { formatError } from '../error/error-edge.js';
import { type AddressRules, isHostAllowed } from './addresses.js';
import { ANSWER_HEADERS, BODY_LIMIT_BYTES, tooLargeError, unreadableError } from './request-body.js';

export interface HttpApp {
	readonly rules: AddressRules;
	readonly apollo: ApolloServer<ApiContext>;
	readonly artifacts: ServedArtifactStore;
	readonly contextOf: (request: Parameters<RequestHandler>[0]) => ApiContext;
	/** Rejects while the server cannot do its work; else what of it is in trouble, in words, or null. */
	readonly ready: () => Promise<string | null>;
	/** What Prometheus reads. */
	readonly scrape: () => Promise<{ readonly type: string; readonly text: string }>;
	readonly logger: Logger;
}

const headers: RequestHandler = (_request, response, next) => {
	response.set(ANSWER_HEADERS);
	next();
};

/** In the form of GraphQL's own errors, so that a client of any age can show it. */
const protocolRule: RequestHandler = (request, response, next) => {
	const refused = refuseProtocol(request.headers[PROTOCOL_HEADER]);
	if (refused === null) return next();
	const { message, code } = refused;
	response.status(400).json({ errors: [{ message, extensions: { code } }] });
};

export function createHttpApp({ rules, apollo, artifacts, contextOf, ready, scrape, logger }: HttpApp): Express {
	const app = express();
	app.disable('x-powered-by');
	app.disable('etag');
	app.use(headers);
	app.use((request, response, next) => {
		if (isHostAllowed(request.headers.host, rules)) return next();
		response.status(403).type('text').send('This server does not answer to that Host name.\n');
	});
	app.use(cors({ origin: [...rules.dashboardOrigins], methods: ['GET', 'POST', 'PUT'], maxAge: 600 }));
	app.get('/healthz', (_request, response) => void response.type('text').send('ok\n'));
	app.get('/readyz', (_request, response) => {
		ready().then(
			// Without its store the API still takes points and logs, and trainers try their files again.
			(trouble) => void response.type('text').send(trouble === null ? 'ok\n' : `ok\n${trouble}\n`),
			(error: unknown) => {
				logger.warn({ err: error }, 'not ready');
				response.status(503).type('text').send('The database does not answer.\n');
			},
		);
	});
	app.get('/metrics', (_request, response) => {
		scrape().then(
			({ type, text }) => void response.set('Content-Type', type).send(text),
			(error: unknown) => {
				logger.warn({ err: error }, 'nothing to measure');
				response.status(503).type('text').send('The database does not answer.\n');
			},
		);
	});
	app.use('/artifacts', artifactRoutes(artifacts, logger));
	app.post(
		'/graphql',
		protocolRule,
		express.json({ limit: BODY_LIMIT_BYTES }),
		expressMiddleware(apollo, { context: async ({ req }) => contextOf(req) }),
	);
	app.all('/graphql', (_request, response) => {
		response
			.status(405)
			.set('Allow', 'POST')
			.type('text')
			.send('Send GraphQL with POST, subscriptions over WebSocket.\n');
	});
	app.use((_request, response) => {
		response.status(404).type('text').send('There is nothing here. GraphQL is at /graphql.\n');
	});
	app.use(requestErrors(logger));
	return app;
}

/** A body that cannot be read, in the form that GraphQL clients expect. */
function requestErrors(logger: Logger): ErrorRequestHandler {
	return (error: unknown, _request, response, next) => {
		if (response.headersSent) return next(error);
		const type = (error as { type?: unknown }).type;
		if (type === 'entity.too.large') {
			response.status(413).json({ errors: [tooLargeError()] });
		} else if (typeof type === 'string' && (error as { expose?: unknown }).expose === true) {
			response.status(400).json({ errors: [unreadableError(type)] });
		} else {
			response.status(500).json({ errors: [formatError(error, logger)] });
		}
	};
}
