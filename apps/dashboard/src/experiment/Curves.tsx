'use client';

import { useMemo } from 'react';
import { Chart } from '../chart/Chart';
import type { LegendEntry } from '../chart/lines';
import { AXES, axisOf } from '../curves/axes';
import { curveMetric } from '../curves/live-points';
import { useExperimentCurves } from '../curves/use-experiment-curves';
import { Segments, Select, Toggle } from '../design/Choice';
import { Section } from '../design/PageHead';
import { Failed } from '../design/State';
import type { RunRow } from '../runs/merge-runs';
import type { GroupStyle } from '../thaw/groups';
import { useUrlSet, useUrlState } from '../url/use-url-state';

const HEIGHT = 360;

/** Live curves of all runs: a mean with its 95 % band a strategy, the seeds thin behind it. */
export function Curves(props: {
	readonly experimentId: string;
	readonly deciding: string;
	readonly runs: readonly RunRow[];
	readonly styles: ReadonlyMap<string, GroupStyle>;
}) {
	const { runs, styles } = props;
	const keys = useMemo(() => [...new Set(runs.flatMap((run) => run.metricKeys))].sort(), [runs]);
	const [chosen, setMetric] = useUrlState('curve', '');
	const [axisValue, setAxis] = useUrlState('x', 'step');
	const [seeds, setSeeds] = useUrlState('seeds', 'shown');
	const [hidden, toggle] = useUrlSet('hide');
	const metric = chosen || curveMetric(props.deciding, keys);
	const axis = axisOf(axisValue);
	const curves = useExperimentCurves({ experimentId: props.experimentId, runs, styles, metric, axis: axis.axis });

	const lines = useMemo(
		() => (seeds === 'shown' ? curves.lines : curves.lines.filter((line) => line.role === 'main')),
		[curves.lines, seeds],
	);
	const legend = useMemo(
		(): LegendEntry[] =>
			[...styles.values()].map((style) => ({
				group: style.key,
				label: style.label,
				n: curves.counts.get(style.key) ?? 0,
				color: { share: style.share },
				dash: style.dash,
			})),
		[styles, curves.counts],
	);
	const xEnd = useMemo(() => {
		const ends = runs.flatMap((run) => (axis.axis === 'EPOCH' ? run.progress?.epochs : run.progress?.steps) ?? []);
		return axis.axis === 'WALL_TIME' || ends.length === 0 ? null : Math.max(...ends);
	}, [runs, axis]);

	return (
		<Section
			title="Curves"
			tools={
				<>
					<Select
						label="Metric"
						value={metric}
						onChange={setMetric}
						options={[...new Set([metric, ...keys])].sort().map((key) => ({ value: key, label: key }))}
					/>
					<Segments
						label="Horizontal axis"
						value={axis.value}
						onChange={setAxis}
						options={AXES.map(({ value, name }) => ({ value, label: name }))}
					/>
					<Toggle label="Seeds" on={seeds === 'shown'} onChange={(on) => setSeeds(on ? 'shown' : 'hidden')} />
				</>
			}
		>
			{curves.error ? (
				<Failed error={curves.error} />
			) : (
				<Chart
					title={`${metric} by ${axis.label}, mean and 95 % interval over seeds`}
					summary={`${metric} by ${axis.label} for ${legend.map((entry) => `${entry.label} (${entry.n} runs)`).join(', ')}. The table below has the numbers.`}
					lines={lines}
					legend={legend}
					marks={curves.marks}
					xLabel={axis.label}
					xWhole={axis.whole}
					xEnd={xEnd}
					rangeKey={`${metric}/${axis.axis}`}
					height={HEIGHT}
					hidden={hidden}
					onToggle={toggle}
					waiting={curves.pending ? 'Loading' : 'No points yet: the first come with the first epoch'}
				/>
			)}
		</Section>
	);
}
