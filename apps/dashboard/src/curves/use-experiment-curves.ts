import { decodeList } from '@graft/client/browser';
import { isTerminal } from '@graft/domain/run';
import { useEffect, useMemo } from 'react';
import type { ChartLine, ChartMark } from '../chart/lines';
import { useGraftQuery } from '../connection/use-graft-query';
import { useThrottled } from '../connection/use-throttled';
import { BandsDocument, SeriesDocument, type XAxis } from '../gql/graphql';
import type { RunRow } from '../runs/merge-runs';
import { type GroupStyle, groupKey } from '../thaw/groups';
import { bandCounts, bandLines, GROUP_BY } from './group-bands';
import { MAX_FOLLOWED, type PointMap, pointsKey, thinned } from './live-points';

/** Buckets of a band and of a run's line: more than a chart has room for shows nothing more. */
const BUCKETS = 200;
/** While points arrive, bands are asked for again this often; the runs' own lines grow with every frame. */
const BAND_EVERY_MS = 1_500;

export interface Curves {
	/** Runs behind each group's band, by the group's key. */
	readonly counts: ReadonlyMap<string, number>;
	readonly lines: readonly ChartLine[];
	readonly marks: readonly ChartMark[];
	readonly pending: boolean;
	readonly error: Error | null;
}

/**
 * The curves of an experiment: a thin line a run and a mean with its band a group. Runs that are not over are streamed;
 * runs that were over when the page came are asked for once. On axes other than steps, frames only say when to ask.
 */
export function useExperimentCurves(props: {
	readonly experimentId: string;
	readonly runs: readonly RunRow[];
	readonly styles: ReadonlyMap<string, GroupStyle>;
	readonly metric: string;
	readonly axis: XAxis;
	/** Runs whose points come as they are logged, and those points. */
	readonly following: readonly string[];
	readonly live: PointMap;
}): Curves {
	const { experimentId, runs, styles, metric, axis, following, live } = props;
	const stored = useMemo(() => {
		const streamed = new Set(axis === 'STEP' ? following : []);
		return runs
			.filter((run) => (axis === 'STEP' ? isTerminal(run.status) : run.startedAt !== null) && !streamed.has(run.id))
			.slice(0, MAX_FOLLOWED)
			.map((run) => run.id)
			.sort();
	}, [runs, following, axis]);

	const bands = useGraftQuery(
		'bands',
		BandsDocument,
		{ experimentId, key: metric, groupBy: GROUP_BY, x: axis, buckets: BUCKETS },
		{ enabled: runs.length > 0, keepPrevious: true },
	);
	const series = useGraftQuery(
		'series',
		SeriesDocument,
		{ runIds: stored, keys: [metric], x: axis, buckets: BUCKETS },
		{ enabled: stored.length > 0, keepPrevious: true },
	);
	const refresh = useThrottled(() => {
		void bands.refetch();
		if (axis !== 'STEP') void series.refetch();
	}, BAND_EVERY_MS);
	useEffect(() => {
		if (live.size > 0) refresh();
	}, [live, refresh]);

	const thin = useMemo(() => {
		const lines: ChartLine[] = [];
		const marks: ChartMark[] = [];
		const stale = series.data?.metricSeries.filter((one) => one.key === metric) ?? [];
		const known = new Map(stale.map((one) => [one.run.id, one]));
		for (const run of runs) {
			const style = styles.get(groupKey(run));
			if (!style) continue;
			const streamed = axis === 'STEP' ? live.get(pointsKey(run.id, metric)) : undefined;
			const one = known.get(run.id);
			if (!streamed && !one) continue;
			const drawn = streamed && thinned(streamed);
			lines.push({
				id: `run/${run.id}`,
				group: style.key,
				role: 'thin',
				color: { share: style.share },
				dash: [],
				x: drawn?.x ?? decodeList(one?.steps ?? []),
				y: drawn?.y ?? decodeList(one?.mean ?? []),
			});
			const broken = streamed
				? streamed.x.filter((_, at) => !Number.isFinite(streamed.y[at])).slice(0, 1)
				: (one?.nonFinite ?? []).slice(0, 1).map((point) => point.step);
			for (const x of broken) marks.push({ kind: 'diverged', x, label: `${run.name} diverged` });
		}
		return { lines, marks };
	}, [runs, styles, metric, axis, live, series.data]);

	const means = useMemo(() => bandLines(bands.data?.metricBands ?? [], styles), [bands.data, styles]);
	const counts = useMemo(() => bandCounts(bands.data?.metricBands ?? []), [bands.data]);
	return useMemo(
		() => ({
			counts,
			lines: [...thin.lines, ...means],
			marks: thin.marks,
			pending: bands.isPending && runs.length > 0,
			error: bands.error ?? series.error,
		}),
		[thin, means, counts, bands.isPending, bands.error, series.error, runs.length],
	);
}
