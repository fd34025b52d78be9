import { createGraftClient } from '@graft/client/node';
import { createLogger } from '@graft/runtime/logger';
import { createShutdown } from '@graft/runtime/shutdown';
import { selectBackend } from '@graft/training/backend';
import { seatEnv, type TrainerEnv } from '../env.js';
import { openWorkplace } from '../seat/open-workplace.js';
import { processSeat } from '../seat/process-seat.js';
import { localSeat } from '../seat/seat.js';
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
	const workplace = openWorkplace(env, backend.name, { client, shutdown: shutdown.signal });
	await workplace.checkpoints.files.clean(Date.now());
	const seats =
		env.slots === 1
			? [localSeat(workplace)]
			: Array.from({ length: env.slots }, () =>
					processSeat({ client, shutdown: shutdown.signal, env: seatEnv(backend.name) }),
				);
	const working = work({
		client,
		registration: {
			name: env.workerName,
			backend: backend.name,
			backendReason: backend.reason,
			device: backend.device,
			// What a run may have of it: leasing compares with what a run asks for.
			memoryBytes: backend.memoryBytes === null ? null : Math.floor(backend.memoryBytes / env.slots),
			slots: env.slots,
			labels: { ...env.labels, platform: `${process.platform}-${process.arch}`, node: process.versions.node },
		},
		seats,
		logger,
		shutdown: shutdown.signal,
		onRegistered: () => {
			if (told) return;
			told = true;
			const info = { ready: true, url: env.apiUrl, worker: env.workerName, backend: backend.name };
			process.stdout.write(`${JSON.stringify(info)}\n`);
		},
	});
	const closeSeats = () => Promise.all(seats.map((seat) => seat.close()));
	shutdown.add('hand back the runs', async () => {
		await working.catch(() => undefined);
		await closeSeats();
		await client.close();
	});
	const end = await working;
	if (end === 'shutdown') {
		// The signal's own handler ends the process when the steps are done.
		await new Promise(() => undefined);
	}
	await closeSeats();
	await client.close();
	logger.info(end === 'drained' ? 'Drained.' : 'Memory ran out: this process ends, to be replaced.');
	return end === 'drained' ? DRAINED : 1;
}
