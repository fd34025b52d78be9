'use client';

import 'uplot/dist/uPlot.min.css';
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import uPlot from 'uplot';
import { onThemeChange } from '../shell/ThemeSwitch';
import styles from './Chart.module.css';
import { ChartLegend } from './ChartLegend';
import { ChartTable } from './ChartTable';
import { ChartTip } from './ChartTip';
import { alignLines, type ChartLine, type ChartMark, extent, type LegendEntry, pointCount, valueExtent } from './lines';
import { readPalette } from './palette';
import { labelsFit, type PlotState, plotOptions, shapeOf } from './plot-options';
import { type Range, stepOutward, stepOutwardX } from './range';

export interface ChartProps {
	/** The finding or the measure. */
	readonly title: ReactNode;
	/** One sentence for those who do not see the drawing. */
	readonly summary: string;
	readonly lines: readonly ChartLine[];
	readonly legend: readonly LegendEntry[];
	readonly marks?: readonly ChartMark[];
	readonly xLabel: string;
	/** Steps and epochs are counted; seconds are measured. */
	readonly xWhole?: boolean;
	/** End of the x axis where it is known beforehand, so that a live chart does not grow sideways. */
	readonly xEnd?: number | null;
	/** Another key, another measure: ranges begin anew. */
	readonly rangeKey: string;
	readonly height: number;
	readonly hidden?: ReadonlySet<string>;
	readonly onToggle?: (group: string) => void;
	/** Small charts go without end labels and legend. */
	readonly compact?: boolean;
	/** Shown in the drawing's place while nothing has been logged. */
	readonly waiting?: string;
}

const NOTHING_HIDDEN: ReadonlySet<string> = new Set();
const NO_MARKS: readonly ChartMark[] = [];

/** Lines with bands on a canvas, fed by data alone; the same component on every page. */
export function Chart(props: ChartProps) {
	const {
		lines,
		legend,
		marks = NO_MARKS,
		hidden = NOTHING_HIDDEN,
		compact = false,
		rangeKey,
		xEnd = null,
		xWhole = false,
	} = props;
	const titleId = useId();
	const box = useRef<HTMLDivElement>(null);
	const state = useRef<PlotState | null>(null);
	const plot = useRef<uPlot | null>(null);
	const ranges = useRef<{ key: string; x: Range | null; y: Range | null }>({ key: rangeKey, x: null, y: null });
	const [width, setWidth] = useState(0);
	const [theme, setTheme] = useState(0);
	const [hover, setHover] = useState<{ readonly x: number; readonly left: number } | null>(null);
	const [emphasis, setEmphasis] = useState<string | null>(null);

	const visible = useMemo(() => lines.filter((line) => !hidden.has(line.group)), [lines, hidden]);
	const labels = useMemo(() => new Map(legend.map((entry) => [entry.group, entry.label])), [legend]);
	const shape = `${shapeOf(visible)}#${theme}#${props.xLabel}#${compact ? '' : [...labels.values()].join('|')}`;

	useEffect(() => {
		const element = box.current;
		if (!element) return;
		const observer = new ResizeObserver(() => setWidth(Math.floor(element.clientWidth)));
		observer.observe(element);
		const leave = onThemeChange(() => setTheme((count) => count + 1));
		// Labels are measured and painted with the page's font, which may arrive after the first drawing.
		void document.fonts?.ready.then(() => setTheme((count) => count + 1));
		return () => {
			observer.disconnect();
			leave();
		};
	}, []);

	// Data first, then the plot: options read the state.
	useEffect(() => {
		const element = box.current;
		if (!element || width === 0) return;
		if (ranges.current.key !== rangeKey) ranges.current = { key: rangeKey, x: null, y: null };
		ranges.current.x = stepOutwardX(ranges.current.x, extent(visible, 'x'), xEnd);
		ranges.current.y = stepOutward(ranges.current.y, valueExtent(visible));
		const before = state.current;
		state.current = {
			lines: visible,
			labels,
			marks,
			palette:
				before && plot.current && plot.current.root.dataset.shape === shape ? before.palette : readPalette(element),
			withEndLabels: !compact && labelsFit(width),
			faded: (group) => emphasis !== null && group !== emphasis,
			ranges: ranges.current,
			xLabel: props.xLabel,
			xWhole,
			onHover: setHover,
		};
		const { x, columns } = alignLines(visible);
		const data = [x, ...columns] as uPlot.AlignedData;
		if (plot.current && plot.current.root.dataset.shape === shape) {
			if (plot.current.width !== width) plot.current.setSize({ width, height: props.height });
			plot.current.setData(data);
			return;
		}
		plot.current?.destroy();
		const now = () => state.current as PlotState;
		plot.current = new uPlot(plotOptions(width, props.height, now), data, element);
		plot.current.root.dataset.shape = shape;
	}, [visible, labels, marks, width, shape, rangeKey, xEnd, xWhole, compact, emphasis, props.height, props.xLabel]);

	useEffect(() => () => plot.current?.destroy(), []);

	const points = pointCount(visible);
	return (
		<figure className={styles.figure} aria-labelledby={titleId}>
			<figcaption className={styles.caption}>
				<h3 id={titleId}>{props.title}</h3>
				{compact ? null : (
					<ChartLegend entries={legend} hidden={hidden} onToggle={props.onToggle} onEmphasis={setEmphasis} />
				)}
			</figcaption>
			<div className={styles.stage} style={{ height: props.height }} data-testid="chart" data-points={points}>
				<div ref={box} className={styles.canvas} role="img" aria-label={props.summary} />
				{points === 0 ? <p className={styles.waiting}>{props.waiting ?? 'No points yet'}</p> : null}
				{hover !== null && points > 0 ? (
					<ChartTip at={hover} width={width} lines={visible} labels={labels} xLabel={props.xLabel} />
				) : null}
			</div>
			<ChartTable lines={visible} labels={labels} xLabel={props.xLabel} />
		</figure>
	);
}
