import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { childEnv } from '../env.js';
import { takeLock } from './lock-file.js';
import { PROGRAMS } from './paths.js';
import { requirePort } from './ports.js';
import { type Service, type ServiceOptions, type ServiceSpec, startService } from './service.js';

export interface PlatformOptions {
	readonly dataDir: string;
	readonly port: number;
	readonly dashboardPort: number;
	readonly trainers: number;
	/** One line for a person. */
	readonly say: (line: string) => void;
	/** Ends the start: what is up already is taken down again. */
	readonly signal: AbortSignal;
}

export interface Platform {
	readonly apiUrl: string;
	readonly dashboardUrl: string;
	readonly dataDir: string;
	readonly trainers: readonly Service[];
	/** Trainers hand back their runs, then the dashboard ends, then the API, which stops its database. */
	stop(): Promise<void>;
}

/** The trainer has 10 s to hand back its run; the API has 30 s to close streams and stop Postgres. */
const STOP_MS = { trainer: 12_000, dashboard: 3_000, api: 32_000 } as const;

/**
 * Starts API, dashboard and trainers and waits until all are up. What fails on the way takes the others down again.
 * @throws GraftError where the platform runs already, a port is taken, or a part does not start.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
	const { dataDir, port, dashboardPort, say } = options;
	const apiUrl = `http://127.0.0.1:${port}`;
	const dashboardUrl = `http://127.0.0.1:${dashboardPort}`;
	const lock = await takeLock(dataDir, { apiUrl, dashboardUrl });
	const services: Service[] = [];
	const stop = async () => {
		const [api, dashboard, ...trainers] = services;
		await Promise.all(trainers.map((trainer) => trainer.stop()));
		await dashboard?.stop();
		await api?.stop();
		await lock.release();
	};
	try {
		await requirePort(port, 'the API', '--port');
		await requirePort(dashboardPort, 'the dashboard', '--dashboard-port');
		const common: ServiceOptions = { logDir: path.join(dataDir, 'logs'), say };
		for (const spec of specs(options, apiUrl, dashboardUrl)) services.push(startService(spec, common));
		await Promise.all(services.map((service) => unlessAborted(service.ready, options.signal)));
	} catch (error) {
		await stop();
		throw error;
	}
	return { apiUrl, dashboardUrl, dataDir, trainers: services.slice(2), stop };
}

function unlessAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
	return new Promise((resolve, reject) => {
		const abort = () => reject(new GraftError('SHUTDOWN', 'Stopped while starting.'));
		if (signal.aborted) abort();
		signal.addEventListener('abort', abort, { once: true });
		promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
	});
}

function specs(options: PlatformOptions, apiUrl: string, dashboardUrl: string): ServiceSpec[] {
	const { dataDir, port, dashboardPort, trainers } = options;
	const api: ServiceSpec = {
		name: 'api',
		program: PROGRAMS.api,
		env: childEnv({
			// Without it graphql looks for second copies of itself at each type of each request.
			NODE_ENV: 'production',
			GRAFT_HOST: '127.0.0.1',
			GRAFT_PORT: String(port),
			GRAFT_DATA_DIR: dataDir,
			GRAFT_DASHBOARD_ORIGINS: `${dashboardUrl},http://localhost:${dashboardPort}`,
		}),
		ready: { kind: 'line' },
		stopMs: STOP_MS.api,
	};
	const dashboard: ServiceSpec = {
		name: 'dashboard',
		program: PROGRAMS.dashboard,
		env: childEnv({
			NODE_ENV: 'production',
			HOSTNAME: '127.0.0.1',
			PORT: String(dashboardPort),
			GRAFT_API_URL: apiUrl,
		}),
		ready: { kind: 'http', url: dashboardUrl },
		stopMs: STOP_MS.dashboard,
	};
	const names = Array.from({ length: trainers }, (_, index) => `trainer-${index + 1}`);
	return [api, dashboard, ...names.map((name) => trainerSpec(name, apiUrl, dataDir))];
}

/** One trainer; its place in the data directory is for the weights that it keeps. */
export function trainerSpec(name: string, apiUrl: string, dataDir: string): ServiceSpec {
	return {
		name,
		program: PROGRAMS.trainer,
		env: childEnv({ GRAFT_API_URL: apiUrl, GRAFT_WORKER_NAME: name, GRAFT_DATA_DIR: dataDir }),
		ready: { kind: 'line' },
		stopMs: STOP_MS.trainer,
	};
}
