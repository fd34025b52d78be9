import type uPlot from 'uplot';
import { axisNumbers } from './axis-numbers';
import type { ChartLine } from './lines';
import { endLabelWidth, type OverlayState, paintEndLabels, paintMarks } from './overlays';
import { bandStrength, lineStrength } from './palette';
import type { Range } from './range';

/** Below this width names stand in the legend only. */
const MIN_WIDTH_FOR_LABELS = 640;
const WHOLE_STEPS = Array.from({ length: 16 }, (_, power) => [1, 2, 5].map((lead) => lead * 10 ** power)).flat();
/** Room for the numbers at the left, in CSS pixels; wider where they have more digits. */
const LEAST_Y_SIZE = 52;
const DIGIT_WIDTH = 7.5;
const FONT = '12px "Inter Variable", system-ui, sans-serif';

/** What the plot reads while it lives. Kept in one mutable place, so that new data need no new plot. */
export interface PlotState extends OverlayState {
	/** The lines that the plot itself draws; those that grow have a canvas of their own. */
	readonly plotted: readonly ChartLine[];
	readonly ranges: { x: Range | null; y: Range | null };
	readonly xLabel: string;
	/** Steps and epochs are counted: no ticks between them. */
	readonly xWhole: boolean;
	readonly onHover: (at: { readonly x: number; readonly left: number } | null) => void;
	/** A part of the axis was chosen, or the whole again. */
	readonly onZoom: ((to: Range | null) => void) | null;
}

/** Stands last: a plot without any series is one that uPlot cannot draw. */
const NO_SERIES: uPlot.Series = { show: false, scale: 'y' };

/** A press that moved less is no choice of a part. */
const LEAST_DRAG = 6;

export function labelsFit(width: number): boolean {
	return width >= MIN_WIDTH_FOR_LABELS;
}

export function plotOptions(width: number, height: number, state: () => PlotState): uPlot.Options {
	const palette = () => state().palette;
	const axis: uPlot.Axis = {
		font: FONT,
		labelFont: FONT,
		stroke: () => palette().muted,
		grid: { stroke: () => `${palette().line}b0`, width: 1 },
		ticks: { show: false },
	};
	const labels = state().withEndLabels ? endLabelWidth(state().labels.values()) : 24;
	return {
		width,
		height,
		padding: [10, labels, 0, 0],
		legend: { show: false },
		cursor: {
			drag: { x: state().onZoom !== null, y: false, setScale: false, dist: LEAST_DRAG },
			bind: {
				dblclick: () => () => {
					state().onZoom?.(null);
					return null;
				},
			},
			y: false,
			points: { show: false },
		},
		scales: {
			x: { time: false, range: () => copy(state().ranges.x) },
			y: { range: () => copy(state().ranges.y) },
		},
		axes: [
			{
				...axis,
				grid: { show: false },
				label: state().xLabel,
				labelSize: 18,
				labelGap: 0,
				size: 26,
				gap: 6,
				space: 64,
				values: (_plot, splits) => axisNumbers(splits),
				...(state().xWhole ? { incrs: WHOLE_STEPS } : {}),
			},
			{
				...axis,
				scale: 'y',
				size: (_plot, values) => Math.max(LEAST_Y_SIZE, 12 + DIGIT_WIDTH * longest(values ?? [])),
				gap: 8,
				space: 44,
				values: (_plot, splits) => axisNumbers(splits),
			},
		],
		series: [{}, ...state().plotted.flatMap((line) => lineSeries(line, state)), NO_SERIES],
		bands: bandsOf(state().plotted, state),
		hooks: {
			drawAxes: [(plot) => paintMarks(plot, state())],
			draw: [(plot) => paintEndLabels(plot, state())],
			setSelect: [
				(plot) => {
					const { left, width: wide } = plot.select;
					if (wide < LEAST_DRAG) return;
					const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + wide, 'x')];
					plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
					state().onZoom?.([from, to]);
				},
			],
			setCursor: [
				(plot) => {
					const left = plot.cursor.left ?? -1;
					state().onHover(
						left < 0 ? null : { x: plot.posToVal(left, 'x'), left: left + plot.bbox.left / devicePixelRatio },
					);
				},
			],
		},
	};
}

function lineSeries(line: ChartLine, state: () => PlotState): uPlot.Series[] {
	const thin = line.role === 'thin';
	const strength = () => lineStrength(line.role, state().faded(line.group));
	const alone = line.x.length < 2;
	const main: uPlot.Series = {
		stroke: () => state().palette.paint(line.color, strength()),
		width: thin ? 1 : 2,
		dash: thin ? undefined : [...line.dash],
		spanGaps: true,
		points: { show: alone, size: thin ? 4 : 7, fill: () => state().palette.paint(line.color, strength()) },
	};
	const edge: uPlot.Series = { width: 0, spanGaps: true, points: { show: false } };
	return line.low && line.high ? [main, edge, edge] : [main];
}

function bandsOf(lines: readonly ChartLine[], state: () => PlotState): uPlot.Band[] {
	const bands: uPlot.Band[] = [];
	let column = 1;
	for (const line of lines) {
		if (line.low && line.high) {
			bands.push({
				series: [column + 2, column + 1],
				fill: () => state().palette.paint(line.color, bandStrength(state().faded(line.group))),
			});
			column += 2;
		}
		column += 1;
	}
	return bands;
}

/** Names of what the plot draws: while they stay, new data need no new plot. */
export function shapeOf(lines: readonly ChartLine[]): string {
	return lines
		.filter(({ live }) => live === undefined)
		.map((line) => `${line.id}:${line.role}:${line.low ? 'band' : ''}:${line.x.length < 2}:${line.dash.join('.')}`)
		.join('|');
}

const longest = (texts: readonly (string | number | null)[]): number =>
	Math.max(0, ...texts.map((text) => String(text ?? '').length));

function copy(range: Range | null): [number, number] {
	return range === null ? [0, 1] : [range[0], range[1]];
}
