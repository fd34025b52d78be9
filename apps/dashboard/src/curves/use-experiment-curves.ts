import { decodeList } from '@graft/client/browser';
import { isTerminal } from '@graft/domain/run';
import { useEffect, useMemo, useState } from 'react';
import type { ChartLine, ChartMark } from '../chart/lines';
import type { Range } from '../chart/range';
import { useGraftQuery } from '../connection/use-graft-query';
import { useThrottled } from '../connection/use-throttled';
import { BandsDocument, SeriesDocument, type XAxis } from '../gql/graphql';
import type { RunRow } from '../runs/merge-runs';
import { type GroupStyle, groupKey } from '../thaw/groups';
import { MAX_FOLLOWED } from './followed-runs';
import { bandCounts, bandLines, GROUP_BY } from './group-bands';
import type { LiveLines } from './live-lines';

/** Buckets of a band and of a run's line: more than a chart has room for shows nothing more. */
const BUCKETS = 200;
/**
 * While points arrive, bands are asked for again this often, and where they take long so seldom that they take a small part of
 * the API's time; the runs' own lines grow by themselves.
 */
const BAND_EVERY_MS = 1_500;
const BAND_REST = 30;

/** In steps of a second, so that nothing changes for a few milliseconds. */
const restAfter = (tookMs: number): number =>
	Math.max(BAND_EVERY_MS, Math.min(60_000, 1_000 * Math.round((BAND_REST * tookMs) / 1_000)));

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
 * runs that were over when the page came are asked for once. On axes other than steps, and of a part of the axis, what is streamed
 * only says when to ask.
 */
export function useExperimentCurves(props: {
	readonly experimentId: string;
	readonly runs: readonly RunRow[];
	readonly styles: ReadonlyMap<string, GroupStyle>;
	readonly metric: string;
	readonly axis: XAxis;
	/** The part of the axis; null: all of it. */
	readonly window: Range | null;
	/** Runs whose points come as they are logged, and their lines, which change with the edition. */
	readonly following: readonly string[];
	readonly live: LiveLines;
	readonly edition: number;
}): Curves {
	const { experimentId, runs, styles, metric, axis, window, following, live, edition } = props;
	const grows = axis === 'STEP' && window === null;
	const stored = useMemo(() => {
		const streamed = new Set(grows ? following : []);
		return runs
			.filter((run) => (grows ? isTerminal(run.status) : run.startedAt !== null) && !streamed.has(run.id))
			.slice(0, MAX_FOLLOWED)
			.map((run) => run.id)
			.sort();
	}, [runs, following, grows]);
	const part = { from: window?.[0] ?? null, to: window?.[1] ?? null };

	const bands = useGraftQuery(
		'bands',
		BandsDocument,
		{ experimentId, key: metric, groupBy: GROUP_BY, x: axis, buckets: BUCKETS, ...part },
		{ enabled: runs.length > 0, keepPrevious: true },
	);
	const series = useGraftQuery(
		'series',
		SeriesDocument,
		{ runIds: stored, keys: [metric], x: axis, buckets: BUCKETS, ...part },
		{ enabled: stored.length > 0, keepPrevious: true },
	);
	const [every, setEvery] = useState(BAND_EVERY_MS);
	const refresh = useThrottled(() => {
		const askedAt = performance.now();
		const answers = [bands.refetch(), ...(grows ? [] : [series.refetch()])];
		void Promise.all(answers).then(() => setEvery(restAfter(performance.now() - askedAt)));
	}, every);
	useEffect(() => {
		if (edition > 0) refresh();
	}, [edition, refresh]);

	// biome-ignore lint/correctness/useExhaustiveDependencies: with another edition there are other lines, and they are longer.
	const thin = useMemo(() => {
		const lines: ChartLine[] = [];
		const stale = series.data?.metricSeries.filter((one) => one.key === metric) ?? [];
		const known = new Map(stale.map((one) => [one.run.id, one]));
		for (const run of runs) {
			const style = styles.get(groupKey(run));
			if (!style) continue;
			const growing = grows ? live.of(run.id, metric) : undefined;
			const one = known.get(run.id);
			if (!growing && !one) continue;
			lines.push({
				id: `run/${run.id}`,
				group: style.key,
				role: 'thin',
				color: { share: style.share },
				dash: [],
				x: growing?.x ?? decodeList(one?.steps ?? []),
				y: growing?.mean ?? decodeList(one?.mean ?? []),
				broken: growing ? growing.broken : (one?.nonFinite[0]?.step ?? null),
				...(growing ? { live: growing } : {}),
			});
		}
		const names = new Map(runs.map(({ id, name }) => [`run/${id}`, name]));
		const marks = lines.flatMap(({ id, broken }): ChartMark[] =>
			broken == null ? [] : [{ kind: 'diverged', x: broken, label: `${names.get(id)} diverged` }],
		);
		return { lines, marks };
	}, [runs, styles, metric, grows, live, edition, series.data]);

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
