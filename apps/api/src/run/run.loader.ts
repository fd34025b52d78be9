import type { Engine } from '@graft/engine';
import { listLoader, oneByOneLoader } from '../context/by-id.js';

export const runLoader = (engine: Engine) => oneByOneLoader((id) => engine.run(id));

export const attemptsLoader = (engine: Engine) =>
	listLoader(
		(runIds) => engine.attemptsByRuns(runIds),
		({ runId }) => runId,
	);
