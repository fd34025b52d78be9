import type { MetricSummary, SummaryPoint } from '@graft/domain/metric';
import type { Engine } from '@graft/engine';
import DataLoader from 'dataloader';

export const metricKeysLoader = (engine: Engine) =>
	new DataLoader<string, readonly string[]>(async (runIds) => {
		const keys = await engine.metricKeysByRuns(runIds);
		return runIds.map((id) => keys.get(id) ?? []);
	});

export interface SummaryWanted {
	readonly runId: string;
	readonly metric: string;
	readonly at: SummaryPoint;
}

export const summaryLoader = (engine: Engine) =>
	new DataLoader<SummaryWanted, MetricSummary | null, string>((wanted) => engine.summaries(wanted), {
		cacheKeyFn: ({ runId, metric, at }) => `${runId} ${at} ${metric}`,
	});
