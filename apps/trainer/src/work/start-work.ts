import path from 'node:path';
import { createGraftClient } from '@graft/client/node';
import { createLogger } from '@graft/runtime/logger';
import { createShutdown } from '@graft/runtime/shutdown';
import { selectBackend } from '@graft/training/backend';
import { openFeatureCache } from '@graft/training/feature-cache';
import { localCheckpoints } from '../checkpoint/local-checkpoints.js';
import { dataAccess } from '../data-access.js';
import type { TrainerEnv } from '../env.js';
import { work } from './worker.js';

/** A run is handed back within seconds; what takes longer is left to its lease. */
const SHUTDOWN_MS = 10_000;
/** Tells whoever supervises us not to start us again. */
const DRAINED = 3;

/** The trainer proper: runs until it is told to stop. Answers the exit code. */
export async function startWork(env: TrainerEnv): Promise<number> {
	const logger = createLogger('trainer', env.logLevel);
	const shutdown = createShutdown({
		timeoutMs: SHUTDOWN_MS,
		onError: (name, error) => logger.error({ error: String(error) }, `Shutdown: ${name}`),
	});
	const backend = await selectBackend(env.backend, env.dataDir);
	logger.info({ backend: backend.name, device: backend.device }, backend.reason);
	const client = createGraftClient({ url: env.apiUrl });
	let told = false;
	const files = localCheckpoints(path.join(env.dataDir, 'cache', 'checkpoints'));
	await files.clean(Date.now());
	const working = work({
		client,
		registration: {
			name: env.workerName,
			backend: backend.name,
			backendReason: backend.reason,
			device: backend.device,
			memoryBytes: backend.memoryBytes,
			labels: { ...env.labels, platform: `${process.platform}-${process.arch}`, node: process.versions.node },
		},
		cacheDir: path.join(env.dataDir, 'cache', 'weights'),
		featureCache:
			env.cacheBytes === 0
				? null
				: openFeatureCache({
						folder: path.join(env.dataDir, 'cache', 'features'),
						maxBytes: env.cacheBytes,
						backend: backend.name,
					}),
		checkpoints: { files, pace: env.checkpointPace },
		dataAccess: dataAccess(env),
		logger,
		shutdown: shutdown.signal,
		onRegistered: () => {
			if (told) return;
			told = true;
			const info = { ready: true, url: env.apiUrl, worker: env.workerName, backend: backend.name };
			process.stdout.write(`${JSON.stringify(info)}\n`);
		},
	});
	shutdown.add('hand back the run', async () => {
		await working.catch(() => undefined);
		await client.close();
	});
	const end = await working;
	if (end === 'shutdown') {
		// The signal's own handler ends the process when the steps are done.
		await new Promise(() => undefined);
	}
	await client.close();
	logger.info(end === 'drained' ? 'Drained.' : 'Memory ran out: this process ends, to be replaced.');
	return end === 'drained' ? DRAINED : 1;
}
