import type { Engine } from '@graft/engine';
import { byIdLoader, listLoader } from '../context/by-id.js';

export const workerLoader = (engine: Engine) => byIdLoader((ids) => engine.workersByIds(ids));

export const currentRunsLoader = (engine: Engine) =>
	listLoader(
		(workerIds) => engine.runsByWorkers(workerIds),
		({ workerId }) => workerId,
	);
