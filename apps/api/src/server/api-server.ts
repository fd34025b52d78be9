import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GraftError } from '@graft/domain/error';
import type { Engine, ServedArtifactStore } from '@graft/engine';
import type { Logger } from '@graft/runtime/logger';
import { storeWatch } from '../artifact/open-store.js';
import { type ApiContext, freshContext } from '../context/api-context.js';
import { buildGraftSchema } from '../schema/build-schema.js';
import { createTelemetry, type PlatformTelemetry } from '../telemetry/telemetry.js';
import { type AddressRules, baseUrlFor, mayConnect } from './addresses.js';
import { createApollo } from './apollo.js';
import { createHttpApp } from './http.js';
import { plainPost } from './plain-post.js';
import { serveWebSocket } from './web-socket.js';

/** An upload of a large checkpoint over a slow line takes a while; Node's default cuts it after 5 minutes. */
const REQUEST_TIMEOUT_MS = 3_600_000;
/** Longer than the idle time of the usual proxies and clients, so that it is they who close first. */
const KEEP_ALIVE_MS = 75_000;
/** What requests under way get at the end; a mutation takes milliseconds. */
const DRAIN_MS = 5_000;

export interface ApiServerOptions extends AddressRules {
	readonly engine: Engine;
	readonly artifacts: ServedArtifactStore;
	/** Rejects while the database does not answer. */
	readonly ping: () => Promise<void>;
	/** 0: any free port. */
	readonly port: number;
	readonly logger: Logger;
	readonly telemetry?: PlatformTelemetry;
	readonly now?: () => Date;
	readonly pingMs?: number;
	/** How often a stream asks anew whether its client may read. */
	readonly recheckMs?: number;
}

export interface ApiServer {
	/** Where it listens, such as `http://127.0.0.1:4620`. */
	readonly url: string;
	/** Stops accepting, ends the streams so that their clients come back elsewhere, and lets requests finish. */
	close(): Promise<void>;
}

/** @throws GraftError UNAVAILABLE where the address cannot be listened on. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
	const { engine, logger, telemetry = createTelemetry(), now = () => new Date() } = options;
	const schema = buildGraftSchema();
	const apollo = createApollo(schema, logger);
	await apollo.start();
	const contextOf = (request: IncomingMessage): ApiContext =>
		freshContext({
			engine,
			now,
			baseUrl: baseUrlFor(request, options),
			stillAllowed: () => mayConnect(request, options),
		});

	const scrape = async () => ({ type: telemetry.contentType, text: await telemetry.scrape(await engine.load()) });
	const storeProblem = storeWatch(options.artifacts);
	let closing = false;
	const ready = async () => {
		if (closing) throw new GraftError('SHUTDOWN', 'The server is going down.');
		await options.ping();
		return storeProblem();
	};
	const app = createHttpApp({ rules: options, apollo, artifacts: options.artifacts, contextOf, ready, scrape, logger });
	const http = createServer(
		{ requestTimeout: REQUEST_TIMEOUT_MS, keepAliveTimeout: KEEP_ALIVE_MS },
		plainPost({ rules: options, apollo, contextOf, logger, otherwise: app }),
	);
	const sockets = serveWebSocket({
		http,
		schema,
		rules: options,
		contextOf,
		logger,
		pingMs: options.pingMs,
		recheckMs: options.recheckMs,
	});
	await new Promise<void>((resolve, reject) => {
		http.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, options)));
		http.listen(options.port, options.host, resolve);
	});

	return {
		url: urlOf(http.address() as AddressInfo),
		async close() {
			closing = true;
			const closed = new Promise<void>((resolve) => http.close(() => resolve()));
			await sockets.close();
			// A connection counts as open until its client goes; an idle one has nothing to wait for.
			const idle = setInterval(() => http.closeIdleConnections(), 50);
			const late = setTimeout(() => http.closeAllConnections(), DRAIN_MS);
			await closed;
			clearInterval(idle);
			clearTimeout(late);
			await apollo.stop();
		},
	};
}

function urlOf({ address, family, port }: AddressInfo): string {
	// A browser cannot open 0.0.0.0; who listens everywhere listens here too.
	const anywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '[::1]' };
	return `http://${anywhere[address] ?? (family === 'IPv6' ? `[${address}]` : address)}:${port}`;
}

function listenError(error: NodeJS.ErrnoException, { host, port }: ApiServerOptions): unknown {
	const where = `${host}:${port}`;
	const options = { cause: error };
	switch (error.code) {
		case 'EADDRINUSE': {
			const text = `Port ${port} on ${host} is taken: is Graft running already? Stop it, or choose another port with --port or GRAFT_PORT.`;
			return new GraftError('UNAVAILABLE', text, { code: error.code }, options);
		}
		case 'EACCES': {
			const text = `This user may not listen on ${where}. Choose a port above 1023 with --port or GRAFT_PORT.`;
			return new GraftError('UNAVAILABLE', text, { code: error.code }, options);
		}
		case 'EADDRNOTAVAIL':
		case 'ENOTFOUND': {
			const text = `${host} is no address of this machine. Choose another with GRAFT_HOST (127.0.0.1 for this machine alone).`;
			return new GraftError('CONFIGURATION', text, { code: error.code }, options);
		}
		default:
			return error;
	}
}
