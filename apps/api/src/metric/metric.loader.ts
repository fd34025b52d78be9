import type { MetricSummary, SummaryPoint } from '@graft/domain/metric';
import type { Engine } from '@graft/engine';
import DataLoader from 'dataloader';

export interface MetricKeysWanted {
	readonly runId: string;
	readonly search: string | null;
	readonly first: number | null;
}
const wish = ({ search, first }: MetricKeysWanted) => `${first} ${search}`;

/** A query for each wish; nearly always there is one, for many runs. */
export const metricKeysLoader = (engine: Engine) =>
	new DataLoader<MetricKeysWanted, readonly string[], string>(
		async (wanted) => {
			const byWish = new Map<string, ReadonlyMap<string, readonly string[]>>();
			for (const one of new Map(wanted.map((each) => [wish(each), each])).values()) {
				const runIds = wanted.filter((each) => wish(each) === wish(one)).map(({ runId }) => runId);
				byWish.set(wish(one), await engine.metricKeysByRuns(runIds, one));
			}
			return wanted.map((one) => byWish.get(wish(one))?.get(one.runId) ?? []);
		},
		{ cacheKeyFn: (wanted) => `${wanted.runId} ${wish(wanted)}` },
	);

export interface SummaryWanted {
	readonly runId: string;
	readonly metric: string;
	readonly at: SummaryPoint;
}

export const summaryLoader = (engine: Engine) =>
	new DataLoader<SummaryWanted, MetricSummary | null, string>((wanted) => engine.summaries(wanted), {
		cacheKeyFn: ({ runId, metric, at }) => `${runId} ${at} ${metric}`,
	});
