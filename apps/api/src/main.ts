import path from 'node:path';
import { type Database, openDatabase } from '@graft/database/connection';
import { startEmbeddedPostgres } from '@graft/database/embedded-postgres';
import { migrate } from '@graft/database/migrate';
import { redisCarrier } from '@graft/database/notify';
import { GraftError } from '@graft/domain/error';
import { createEngine, DEFAULT_ENGINE_SETTINGS, type EngineSettings, readBackup, writeBackup } from '@graft/engine';
import { EnvironmentError } from '@graft/runtime/env';
import { createLogger, type Logger } from '@graft/runtime/logger';
import { createShutdown, type Shutdown } from '@graft/runtime/shutdown';
import { describeStore, openStore } from './artifact/open-store.js';
import { type ApiEnv, readEnv } from './env.js';
import { startApiServer } from './server/api-server.js';
import { createTelemetry } from './telemetry/telemetry.js';

/** More than streams (1 s), requests (5 s) and PostgreSQL's fast stop take together. */
const SHUTDOWN_MS = 30_000;

/** Starts part after part; each registers its end, and the ends run last first. */
async function start(env: ApiEnv, logger: Logger, shutdown: Shutdown): Promise<string> {
	const database = await connect(env, logger, shutdown);
	shutdown.add('close the database', () => database.close());
	await migrate(database, logger);
	const artifacts = await openStore(env);
	const settings: EngineSettings = {
		...DEFAULT_ENGINE_SETTINGS,
		trashSeconds: env.trashDays * 24 * 3600,
		orphanSeconds: env.orphanSeconds,
		housekeepingSeconds: Math.min(DEFAULT_ENGINE_SETTINGS.housekeepingSeconds, env.orphanSeconds),
	};
	const carrier = env.redisUrl === null ? undefined : redisCarrier(env.redisUrl, database, logger);
	const telemetry = createTelemetry();
	const engine = createEngine({ database, artifactStore: artifacts, settings, logger, carrier, telemetry });
	await engine.start();
	shutdown.add('stop the engine', () => engine.stop());
	const server = await startApiServer({
		...env,
		engine,
		artifacts,
		telemetry,
		logger,
		ping: async () => void (await database.query({ name: 'ping', text: 'SELECT 1' })),
	});
	shutdown.add('end streams, drain requests', () => server.close());
	return server.url;
}

async function connect({ databaseUrl, dataDir }: ApiEnv, logger: Logger, shutdown: Shutdown): Promise<Database> {
	if (databaseUrl === null) {
		const starting = startEmbeddedPostgres({ dataDir, logger });
		// Registered before it is up: it is a daemon, and a Ctrl-C while it starts must not leave it behind.
		shutdown.add('stop PostgreSQL', () => starting.then(({ stop }) => stop()).catch(() => undefined));
		return openDatabase({ url: (await starting).url, logger });
	}
	try {
		return await openDatabase({ url: databaseUrl, logger });
	} catch (error) {
		if (!(error instanceof GraftError)) throw error;
		const { host, pathname } = new URL(databaseUrl);
		throw new GraftError(error.code, `${error.message}\nDATABASE_URL names ${host}${pathname}.`, error.details, {
			cause: error,
		});
	}
}

/** `main.js backup FILE` and `main.js restore FILE`: beside a running platform or without one. */
async function copy(command: 'backup' | 'restore', file: string, env: ApiEnv, logger: Logger, shutdown: Shutdown) {
	const database = await connect(env, logger, shutdown);
	shutdown.add('close the database', () => database.close());
	await migrate(database, logger);
	const store = await openStore(env);
	if (command === 'backup') return writeBackup({ database, store, now: new Date() }, path.resolve(file));
	return readBackup({ database, store }, path.resolve(file));
}

async function main([command, file]: readonly string[]): Promise<void> {
	const env = readEnv();
	const logger = createLogger('api', env.logLevel);
	const shutdown = createShutdown({
		timeoutMs: SHUTDOWN_MS,
		onStep: (step) => logger.info({ step }, 'shutting down'),
		onError: (step, err) => logger.error({ step, err }, 'a step of the shutdown failed'),
	});
	for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
		process.on(event, (err: unknown) => {
			logger.fatal({ err }, event);
			void shutdown.begin(event).then(() => process.exit(1));
		});
	}
	try {
		if (command === 'check-store') {
			process.stdout.write(`${JSON.stringify(await describeStore(env))}\n`);
			return;
		}
		if (command === 'backup' || command === 'restore') {
			if (file === undefined) throw new GraftError('CONFIGURATION', `${command} needs the name of a file.`);
			const done = await copy(command, file, env, logger, shutdown);
			await shutdown.begin('done');
			process.stdout.write(`${JSON.stringify(done)}\n`, () => process.exit(0));
			return;
		}
		const url = await start(env, logger, shutdown);
		logger.info({ url }, 'the API is up');
		process.stdout.write(`${JSON.stringify({ ready: true, url })}\n`);
	} catch (error) {
		await shutdown.begin('the start failed');
		throw error;
	}
}

main(process.argv.slice(2)).catch((error: unknown) => {
	const foreseen = error instanceof GraftError || error instanceof EnvironmentError;
	const text = foreseen ? error.message : error instanceof Error ? error.stack : String(error);
	process.stderr.write(`${text}\n`, () => process.exit(1));
});
