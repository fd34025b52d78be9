'use client';

import { useMemo, useRef } from 'react';
import { curveMetric, runsToFollow } from '../curves/followed-runs';
import { isBookkeeping } from '../curves/metric-panels';
import { useAxis } from '../curves/use-axis';
import { useLiveLines } from '../curves/use-live-lines';
import { useMetricChoice } from '../curves/use-metric-choice';
import { MetricField, Toggle } from '../design/Choice';
import { Section } from '../design/PageHead';
import type { RunRow } from '../runs/merge-runs';
import type { GroupStyle } from '../thaw/groups';
import { useUrlSet, useUrlState } from '../url/use-url-state';
import { CurveChart } from './CurveChart';
import styles from './Curves.module.css';

const HEIGHT = 360;
const SMALL_HEIGHT = 200;
const itself = (key: string): string => key;

/** Live curves of all runs: one metric large, and on demand the others small below it. */
export function Curves(props: {
	readonly experimentId: string;
	readonly deciding: string;
	readonly runs: readonly RunRow[];
	readonly styles: ReadonlyMap<string, GroupStyle>;
}) {
	const { experimentId, runs } = props;
	const keys = useMemo(() => [...new Set(runs.flatMap((run) => run.metricKeys))].sort(), [runs]);
	const [chosen, setMetric] = useUrlState('curve', '');
	const { axis, window, onZoom, tools } = useAxis();
	const [seeds, setSeeds] = useUrlState('seeds', 'shown');
	const [charts, setCharts] = useUrlState('charts', 'one');
	const [hidden, toggle] = useUrlSet('hide');
	const metric = chosen || curveMetric(props.deciding, keys);
	const others = useMemo(() => keys.filter((key) => key !== metric && !isBookkeeping(key)), [keys, metric]);
	const choice = useMetricChoice(others, itself);
	const small = charts === 'all' ? choice.shown : [];

	const followed = useRef<readonly string[]>([]);
	followed.current = runsToFollow(followed.current, runs);
	const following = followed.current;
	const { live, edition } = useLiveLines(following, [metric, ...small]);
	const shared = {
		...{ experimentId, runs, styles: props.styles, axis, window, onZoom, following, live, edition },
		...{ seeds: seeds === 'shown', hidden, onToggle: toggle },
	};

	return (
		<Section
			title="Curves"
			tools={
				<>
					<MetricField
						label="Metric"
						value={metric}
						onChange={setMetric}
						names={[...new Set([metric, ...keys])].sort()}
					/>
					{tools}
					<Toggle label="Seeds" on={seeds === 'shown'} onChange={(on) => setSeeds(on ? 'shown' : 'hidden')} />
					{others.length > 0 ? (
						<Toggle label="Other metrics" on={charts === 'all'} onChange={(on) => setCharts(on ? 'all' : 'one')} />
					) : null}
				</>
			}
		>
			<CurveChart {...shared} metric={metric} height={HEIGHT} />
			{charts === 'all' ? (
				<>
					<div className={styles.grid}>
						{small.map((key) => (
							<CurveChart key={key} {...shared} metric={key} height={SMALL_HEIGHT} small />
						))}
					</div>
					{choice.tools}
					{choice.more}
				</>
			) : null}
		</Section>
	);
}
