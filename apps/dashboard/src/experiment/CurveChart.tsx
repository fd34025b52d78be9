'use client';

import { useMemo } from 'react';
import { Chart } from '../chart/Chart';
import type { LegendEntry } from '../chart/lines';
import type { Range } from '../chart/range';
import { type axisOf, isOwnAxis, NOT_ON_AXIS } from '../curves/axes';
import type { LiveLines } from '../curves/live-lines';
import { useExperimentCurves } from '../curves/use-experiment-curves';
import { Failed } from '../design/State';
import type { RunRow } from '../runs/merge-runs';
import type { GroupStyle } from '../thaw/groups';

const NO_POINTS = 'No points yet: the first come with the first epoch';

export interface CurveChartProps {
	readonly experimentId: string;
	readonly runs: readonly RunRow[];
	readonly styles: ReadonlyMap<string, GroupStyle>;
	readonly metric: string;
	readonly axis: ReturnType<typeof axisOf>;
	readonly following: readonly string[];
	readonly live: LiveLines;
	readonly edition: number;
	readonly window: Range | null;
	readonly onZoom: (to: Range | null) => void;
	readonly seeds: boolean;
	readonly hidden: ReadonlySet<string>;
	readonly onToggle: (group: string) => void;
	readonly height: number;
	/** One of many: the metric is its title, and it has no legend of its own. */
	readonly small?: boolean;
}

/** One metric of all runs: a mean with its 95 % band a strategy, the seeds thin behind it. */
export function CurveChart(props: CurveChartProps) {
	const { runs, styles, metric, axis, seeds, small = false } = props;
	const curves = useExperimentCurves({ ...props, axis: axis.axis });
	const lines = useMemo(
		() => (seeds ? curves.lines : curves.lines.filter((line) => line.role === 'main')),
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
		const end = { STEP: 'steps', EPOCH: 'epochs', EXAMPLES: null, COMPUTE: null, WALL_TIME: null } as const;
		const field = end[axis.axis];
		const ends = field === null ? [] : runs.flatMap((run) => run.progress?.[field] ?? []);
		return ends.length === 0 ? null : Math.max(...ends);
	}, [runs, axis]);
	if (curves.error) return <Failed error={curves.error} />;
	return (
		<Chart
			title={small ? metric : `${metric} by ${axis.label}, mean and 95 % interval over seeds`}
			summary={`${metric} by ${axis.label} for ${legend.map((entry) => `${entry.label} (${entry.n} runs)`).join(', ')}. The table below has the numbers.`}
			lines={lines}
			legend={legend}
			marks={curves.marks}
			xLabel={axis.label}
			xWhole={axis.whole}
			xEnd={xEnd}
			rangeKey={`${metric}/${axis.axis}`}
			growing={props.live}
			window={props.window}
			onZoom={props.onZoom}
			height={props.height}
			compact={small}
			hidden={props.hidden}
			onToggle={props.onToggle}
			waiting={curves.pending ? 'Loading' : isOwnAxis(axis.axis) ? NO_POINTS : NOT_ON_AXIS}
		/>
	);
}
