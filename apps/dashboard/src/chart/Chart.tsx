'use client';

import 'uplot/dist/uPlot.min.css';
import { type ReactNode, useEffect, useId, useMemo, useRef, useState } from 'react';
import { onThemeChange } from '../shell/ThemeSwitch';
import styles from './Chart.module.css';
import { ChartLegend } from './ChartLegend';
import { ChartTable } from './ChartTable';
import { ChartTip } from './ChartTip';
import { Drawing } from './drawing';
import { type ChartLine, type ChartMark, type LegendEntry, pointCount } from './lines';
import { labelsFit, shapeOf } from './plot-options';
import type { Range } from './range';
import { useInView } from './use-in-view';

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
	/** Where lines that grow tell that they have. */
	readonly growing?: { listen(listener: () => void): () => void };
	/** The part of the x axis that is shown; null: all of it. */
	readonly window?: Range | null;
	/** A part was chosen by dragging, or the whole again by two clicks. */
	readonly onZoom?: (to: Range | null) => void;
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
		window = null,
		growing,
	} = props;
	const titleId = useId();
	const stage = useRef<HTMLDivElement>(null);
	const box = useRef<HTMLDivElement>(null);
	const drawing = useRef<Drawing | null>(null);
	const isSeen = useInView(stage);
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

	useEffect(() => {
		if (!box.current) return;
		const made = new Drawing(box.current);
		drawing.current = made;
		return () => made.remove();
	}, []);

	// What is out of sight is drawn when it comes into sight.
	useEffect(() => {
		if (width === 0 || !isSeen) return;
		drawing.current?.show({
			...{ lines: visible, labels, marks, rangeKey, window, shape, width, xEnd, xWhole },
			height: props.height,
			withEndLabels: !compact && labelsFit(width),
			faded: (group) => emphasis !== null && group !== emphasis,
			xLabel: props.xLabel,
			onHover: setHover,
			onZoom: props.onZoom ?? null,
		});
	}, [
		visible,
		labels,
		marks,
		width,
		shape,
		rangeKey,
		window,
		xEnd,
		xWhole,
		compact,
		emphasis,
		isSeen,
		props.height,
		props.xLabel,
		props.onZoom,
	]);

	// Twenty times a second, and none of React's business: the table and the words follow once a second.
	useEffect(() => {
		if (width === 0 || !isSeen) return;
		return growing?.listen(() => {
			const points = drawing.current?.tick();
			if (stage.current && points !== undefined) stage.current.dataset.points = String(points);
		});
	}, [growing, width, isSeen]);

	const points = pointCount(visible);
	return (
		<figure className={styles.figure} aria-labelledby={titleId}>
			<figcaption className={styles.caption}>
				<h3 id={titleId}>{props.title}</h3>
				{compact ? null : (
					<ChartLegend entries={legend} hidden={hidden} onToggle={props.onToggle} onEmphasis={setEmphasis} />
				)}
			</figcaption>
			<div
				ref={stage}
				className={styles.stage}
				style={{ height: props.height }}
				data-testid="chart"
				data-points={points}
			>
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
