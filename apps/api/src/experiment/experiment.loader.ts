import type { RunStatus } from '@graft/domain/run';
import type { Engine } from '@graft/engine';
import DataLoader from 'dataloader';
import { byIdLoader } from '../context/by-id.js';

export const experimentLoader = (engine: Engine) => byIdLoader((ids) => engine.experimentsByIds(ids));

export const statusCountsLoader = (engine: Engine) =>
	new DataLoader<string, readonly { status: RunStatus; count: number }[]>(async (ids) => {
		const counts = await engine.statusCountsByExperiments(ids);
		return ids.map((id) => counts.get(id) ?? []);
	});
