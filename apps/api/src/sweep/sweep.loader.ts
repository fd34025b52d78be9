import type { Engine } from '@graft/engine';
import { listLoader, oneByOneLoader } from '../context/by-id.js';

export const sweepLoader = (engine: Engine) => oneByOneLoader((id) => engine.sweep(id));

export const sweepsLoader = (engine: Engine) =>
	listLoader(
		(experimentIds) => engine.sweepsByExperiments(experimentIds),
		({ experimentId }) => experimentId,
	);
