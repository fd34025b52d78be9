'use client';

import { decodeList } from '@graft/client/browser';
import { useMemo } from 'react';
import { Chart } from '../chart/Chart';
import type { ChartLine, ChartMark } from '../chart/lines';
import { useGraftQuery } from '../connection/use-graft-query';
import { useThrottled } from '../connection/use-throttled';
import { AXES, axisOf } from '../curves/axes';
import { pointsKey } from '../curves/live-points';
import { metricPanels } from '../curves/metric-panels';
import { useLivePoints } from '../curves/use-live-points';
import { Segments } from '../design/Choice';
import { Section } from '../design/PageHead';
import { Failed } from '../design/State';
import { plain } from '../format/numbers';
import { type RunPageFragment, SeriesDocument } from '../gql/graphql';
import { useUrlState } from '../url/use-url-state';
import styles from './RunCurves.module.css';
import { runMarks } from './run-marks';

const BUCKETS = 500;
const HEIGHT = 200;
/** What is asked for once, before the run has named its metrics: the names of the first panels hold their places. */
const USUAL = ['train_loss', 'val_loss', 'train_accuracy', 'val_accuracy'];
const REFRESH_MS = 1_000;
const SPLIT_DASHES: readonly (readonly number[])[] = [[], [5, 3], [2, 3]];

/** Every metric of the run. Training and validation of the same measure share a chart. */
export function RunCurves({ run }: { readonly run: RunPageFragment }) {
	const [axisValue, setAxis] = useUrlState('x', 'step');
	const axis = axisOf(axisValue);
	const names = (run.metricKeys.length > 0 ? run.metricKeys : USUAL).join();
	const keys = useMemo(() => names.split(','), [names]);
	const panels = useMemo(() => metricPanels(keys), [keys]);
	const query = useGraftQuery(
		'run-series',
		SeriesDocument,
		{ runIds: [run.id], keys, x: axis.axis, buckets: BUCKETS },
		{ keepPrevious: true, enabled: run.startedAt !== null },
	);
	const refresh = useThrottled(() => {
		if (axis.axis !== 'STEP') void query.refetch();
	}, REFRESH_MS);
	const live = useLivePoints(run.startedAt === null && run.status !== 'QUEUED' ? [] : [run.id], null, refresh);
	const series = query.data?.metricSeries;

	const lines = useMemo(() => {
		const byKey = new Map<string, ChartLine>();
		for (const panel of panels) {
			for (const [place, key] of panel.keys.entries()) {
				const stored = series?.find((one) => one.key === key && one.run.id === run.id);
				const streamed = axis.axis === 'STEP' ? live.get(pointsKey(run.id, key)) : undefined;
				if (!stored && !streamed) continue;
				byKey.set(key, {
					id: key,
					group: key,
					role: 'main',
					color: { series: panel.keys.length === 1 ? 1 : place + 1 },
					dash: SPLIT_DASHES[place % SPLIT_DASHES.length] ?? [],
					x: streamed?.x ?? decodeList(stored?.steps ?? []),
					y: streamed?.y ?? decodeList(stored?.mean ?? []),
					low: streamed || !stored || stored.points <= BUCKETS ? undefined : decodeList(stored.min),
					high: streamed || !stored || stored.points <= BUCKETS ? undefined : decodeList(stored.max),
				});
			}
		}
		return byKey;
	}, [panels, series, live, axis, run.id]);
	const marks = useMemo((): ChartMark[] => (axis.axis === 'STEP' ? runMarks(run, lines) : []), [axis, run, lines]);
	const xEnd =
		axis.axis === 'STEP'
			? (run.progress?.steps ?? null)
			: axis.axis === 'EPOCH'
				? (run.progress?.epochs ?? null)
				: null;

	return (
		<Section
			title="Curves"
			tools={
				<Segments
					label="Horizontal axis"
					value={axis.value}
					onChange={setAxis}
					options={AXES.map(({ value, name }) => ({ value, label: name }))}
				/>
			}
		>
			{query.error ? (
				<Failed error={query.error} />
			) : (
				<div className={styles.grid}>
					{panels.map((panel) => {
						const shown = panel.keys.flatMap((key) => lines.get(key) ?? []);
						return (
							<Chart
								key={panel.title}
								title={panel.title}
								summary={`${panel.title} by ${axis.label}. ${shown.map((line) => `${line.id}: last value ${plain(lastOf(line))}`).join('; ')}`}
								lines={shown}
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
								height={HEIGHT}
								waiting={run.status === 'QUEUED' ? 'Waiting for a worker' : 'No points yet'}
							/>
						);
					})}
				</div>
			)}
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
