import type { Engine } from '@graft/engine';
import { listLoader } from '../context/by-id.js';

export const artifactsLoader = (engine: Engine) =>
	listLoader(
		(runIds) => engine.artifactsByRuns(runIds),
		({ runId }) => runId,
	);
