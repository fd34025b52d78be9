'use client';

import { decodeList } from '@graft/client/browser';
import { isTerminal } from '@graft/domain/run';
import { useMemo, useRef, useState } from 'react';
import { Chart } from '../chart/Chart';
import type { ChartLine, ChartMark } from '../chart/lines';
import { useGraftQuery } from '../connection/use-graft-query';
import { useThrottled } from '../connection/use-throttled';
import { isOwnAxis, NOT_ON_AXIS } from '../curves/axes';
import { type MetricPanel, metricPanels } from '../curves/metric-panels';
import { useAxis } from '../curves/use-axis';
import { useLiveLines } from '../curves/use-live-lines';
import { useMetricChoice } from '../curves/use-metric-choice';
import { Section } from '../design/PageHead';
import { Failed } from '../design/State';
import { plain } from '../format/numbers';
import { MetricKeysDocument, type RunPageFragment, SeriesDocument } from '../gql/graphql';
import styles from './RunCurves.module.css';
import { runMarks } from './run-marks';

const BUCKETS = 500;
const HEIGHT = 200;
/** What is asked for once, before the run has named its metrics: the names of the first panels hold their places. */
const USUAL = ['train_loss', 'val_loss', 'train_accuracy', 'val_accuracy'];
const REFRESH_MS = 1_000;
const SPLIT_DASHES: readonly (readonly number[])[] = [[], [5, 3], [2, 3]];
/** Keys that a run's row brings at the most: a run that has so many is asked for all of them. */
const KEYS_OF_A_ROW = 100;

const wordsOf = ({ title, keys }: MetricPanel): string => [title, ...keys].join(' ');

/** The run's metrics, a page of charts at a time. Training and validation of the same measure share a chart. */
export function RunCurves({ run }: { readonly run: RunPageFragment }) {
	const { axis, window, onZoom, tools: axisTools } = useAxis();
	const grows = axis.axis === 'STEP' && window === null;
	const many = run.metricKeys.length >= KEYS_OF_A_ROW;
	const all = useGraftQuery('metric-keys', MetricKeysDocument, { id: run.id }, { enabled: many });
	const known = many ? (all.data?.run?.metricKeys ?? run.metricKeys) : run.metricKeys;
	const names = (known.length > 0 ? known : USUAL).join('\n');
	const every = useMemo(() => metricPanels(names.split('\n')), [names]);
	const { shown: panels, tools, more } = useMetricChoice(every, wordsOf);
	const asked = panels.flatMap((panel) => panel.keys).join('\n');
	const keys = useMemo(() => (asked === '' ? [] : asked.split('\n')), [asked]);
	const query = useGraftQuery(
		'run-series',
		SeriesDocument,
		{ runIds: [run.id], keys, x: axis.axis, buckets: BUCKETS, from: window?.[0] ?? null, to: window?.[1] ?? null },
		{ keepPrevious: true, enabled: run.startedAt !== null && keys.length > 0 },
	);
	const refresh = useThrottled(() => {
		if (!grows) void query.refetch();
	}, REFRESH_MS);
	// A run that was over when the page came is not streamed; one that ends meanwhile is, to its last point.
	const [followed] = useState(!isTerminal(run.status));
	const named = useRef(known.length > 0);
	named.current ||= known.length > 0;
	const waits = run.startedAt === null && run.status !== 'QUEUED';
	const follow = !waits && (followed || !isTerminal(run.status));
	const { live, edition } = useLiveLines(follow ? [run.id] : [], named.current ? keys : null, refresh);
	const series = query.data?.metricSeries;

	// biome-ignore lint/correctness/useExhaustiveDependencies: with another edition there are other lines, and they are longer.
	const lines = useMemo(() => {
		const stored = new Map((series ?? []).filter((one) => one.run.id === run.id).map((one) => [one.key, one]));
		const byKey = new Map<string, ChartLine>();
		for (const panel of panels) {
			for (const [place, key] of panel.keys.entries()) {
				const one = stored.get(key);
				const growing = grows ? live.of(run.id, key) : undefined;
				if (!one && !growing) continue;
				byKey.set(key, {
					id: key,
					group: key,
					role: 'main',
					color: { series: panel.keys.length === 1 ? 1 : place + 1 },
					dash: SPLIT_DASHES[place % SPLIT_DASHES.length] ?? [],
					x: growing?.x ?? decodeList(one?.steps ?? []),
					y: growing?.mean ?? decodeList(one?.mean ?? []),
					low: growing || !one || one.points <= BUCKETS ? undefined : decodeList(one.min),
					high: growing || !one || one.points <= BUCKETS ? undefined : decodeList(one.max),
					broken: growing ? growing.broken : (one?.nonFinite[0]?.step ?? null),
					...(growing ? { live: growing } : {}),
				});
			}
		}
		return byKey;
	}, [panels, series, live, edition, grows, run.id]);
	const marks = useMemo((): ChartMark[] => (axis.axis === 'STEP' ? runMarks(run, lines) : []), [axis, run, lines]);
	const xEnd =
		axis.axis === 'STEP'
			? (run.progress?.steps ?? null)
			: axis.axis === 'EPOCH'
				? (run.progress?.epochs ?? null)
				: null;

	const none = query.isPending ? 'Loading' : isOwnAxis(axis.axis) ? 'No points yet' : NOT_ON_AXIS;
	const waiting = run.status === 'QUEUED' ? 'Waiting for a worker' : none;

	return (
		<Section
			title="Curves"
			tools={
				<>
					{tools}
					{axisTools}
				</>
			}
		>
			{(query.error ?? all.error) ? (
				<Failed error={query.error ?? all.error} />
			) : (
				<div className={styles.grid}>
					{panels.map((panel) => {
						const drawn = panel.keys.flatMap((key) => lines.get(key) ?? []);
						return (
							<Chart
								key={panel.title}
								title={panel.title}
								summary={`${panel.title} by ${axis.label}. ${drawn.map((line) => `${line.id}: last value ${plain(lastOf(line))}`).join('; ')}`}
								lines={drawn}
								legend={panel.keys.map((key, place) => ({
									group: key,
									label: splitName(key),
									n: null,
									color: { series: panel.keys.length === 1 ? 1 : place + 1 },
									dash: SPLIT_DASHES[place % SPLIT_DASHES.length] ?? [],
								}))}
								marks={marks}
								xLabel={axis.label}
								xWhole={axis.whole}
								xEnd={xEnd}
								rangeKey={`${panel.title}/${axis.axis}`}
								growing={live}
								window={window}
								onZoom={onZoom}
								height={HEIGHT}
								waiting={waiting}
							/>
						);
					})}
				</div>
			)}
			{more}
		</Section>
	);
}

/** The chart's title names the measure: its lines are told apart by split alone. */
function splitName(key: string): string {
	const split = /^(train|val|test)_/.exec(key)?.[1];
	return split === 'val' ? 'validation' : split === 'train' ? 'training' : (split ?? key);
}

function lastOf(line: ChartLine): number | null {
	return line.y.length > 0 ? (line.y[line.y.length - 1] as number) : null;
}
