import type uPlot from 'uplot';
import type { ChartLine, ChartMark } from './lines';
import type { Palette } from './palette';
import { spreadLabels } from './spread-labels';

const FONT = '"Inter Variable", system-ui, sans-serif';
const GAP = 15;
/** Longer names are cut in the drawing; the legend has them whole. */
const MAX_LABEL = 230;

/** What the painters read at each draw; the component keeps it up to date. */
export interface OverlayState {
	readonly lines: readonly ChartLine[];
	readonly labels: ReadonlyMap<string, string>;
	readonly marks: readonly ChartMark[];
	readonly palette: Palette;
	readonly withEndLabels: boolean;
	readonly faded: (group: string) => boolean;
}

/** Names at the right end of the main lines, apart from one another, with a leader where one had to move. */
export function paintEndLabels(plot: uPlot, state: OverlayState): void {
	if (!state.withEndLabels) return;
	const { ctx, bbox } = plot;
	const pixels = devicePixelRatio;
	const ends = state.lines.flatMap((line) => {
		const label = state.labels.get(line.group);
		if (line.role !== 'main' || label === undefined) return [];
		const end = endOf(line, plot.scales.x?.max ?? Number.POSITIVE_INFINITY);
		if (end === null) return [];
		return [{ line, label, x: plot.valToPos(end.x, 'x', true), y: plot.valToPos(end.y, 'y', true) }];
	});
	const places = spreadLabels(
		ends.map((end) => end.y),
		GAP * pixels,
		bbox.top + 6 * pixels,
		bbox.top + bbox.height - 4 * pixels,
	);
	const edge = bbox.left + bbox.width;
	ctx.save();
	ctx.font = `500 ${12 * pixels}px ${FONT}`;
	ctx.textBaseline = 'middle';
	ctx.textAlign = 'left';
	ends.forEach(({ line, label, x, y }, index) => {
		const place = places[index] as number;
		const alpha = state.faded(line.group) ? 0.25 : 1;
		ctx.strokeStyle = state.palette.paint(line.color, 0.7 * alpha);
		ctx.lineWidth = pixels;
		ctx.beginPath();
		ctx.moveTo(x, y);
		ctx.lineTo(edge + 4 * pixels, place);
		ctx.lineTo(edge + 8 * pixels, place);
		ctx.stroke();
		ctx.globalAlpha = alpha;
		ctx.fillStyle = state.palette.ink;
		ctx.fillText(cut(ctx, label, MAX_LABEL * pixels), edge + 12 * pixels, place);
		ctx.globalAlpha = 1;
	});
	ctx.restore();
}

/** Its last point that is in sight. */
function endOf(line: ChartLine, edge: number): { readonly x: number; readonly y: number } | null {
	if (line.live && line.live.points > 0 && line.live.lastX <= edge) return { x: line.live.lastX, y: line.live.lastY };
	for (let at = line.x.length - 1; at >= 0; at -= 1) {
		const [x, y] = [line.x[at] as number, line.y[at] as number];
		if (Number.isFinite(y) && x <= edge) return { x, y };
	}
	return null;
}

function cut(ctx: CanvasRenderingContext2D, text: string, width: number): string {
	if (ctx.measureText(text).width <= width) return text;
	let length = text.length - 1;
	while (length > 0 && ctx.measureText(`${text.slice(0, length)}…`).width > width) length -= 1;
	return `${text.slice(0, length)}…`;
}

/** Width that the end labels need, in CSS pixels. */
export function endLabelWidth(labels: Iterable<string>): number {
	const ctx = document.createElement('canvas').getContext('2d');
	if (!ctx) return 0;
	ctx.font = `500 12px ${FONT}`;
	return Math.ceil(Math.min(MAX_LABEL, Math.max(0, ...[...labels].map((label) => ctx.measureText(label).width)))) + 20;
}

/** Phases as thin seams with a word, checkpoints as ticks at the bottom, divergence as a cross at its step. */
export function paintMarks(plot: uPlot, state: OverlayState): void {
	const { ctx, bbox } = plot;
	const pixels = devicePixelRatio;
	const bottom = bbox.top + bbox.height;
	ctx.save();
	ctx.font = `500 ${12 * pixels}px ${FONT}`;
	ctx.lineWidth = pixels;
	ctx.textAlign = 'left';
	ctx.textBaseline = 'top';
	let wordsEnd = Number.NEGATIVE_INFINITY;
	for (const mark of state.marks) {
		const x = Math.round(plot.valToPos(mark.x, 'x', true));
		if (x < bbox.left - 1 || x > bbox.left + bbox.width + 1) continue;
		ctx.beginPath();
		if (mark.kind === 'checkpoint') {
			ctx.strokeStyle = state.palette.muted;
			ctx.moveTo(x, bottom);
			ctx.lineTo(x, bottom - 7 * pixels);
		} else if (mark.kind === 'diverged') {
			const size = 4 * pixels;
			const y = bbox.top + 10 * pixels;
			ctx.strokeStyle = state.palette.bad;
			ctx.lineWidth = 2 * pixels;
			ctx.moveTo(x - size, y - size);
			ctx.lineTo(x + size, y + size);
			ctx.moveTo(x + size, y - size);
			ctx.lineTo(x - size, y + size);
		} else {
			ctx.strokeStyle = state.palette.lineStrong;
			ctx.moveTo(x, bbox.top);
			ctx.lineTo(x, bottom);
			// Where seams stand close together, the first one's word speaks for them.
			if (x > wordsEnd) {
				ctx.fillStyle = state.palette.muted;
				ctx.fillText(mark.label, x + 4 * pixels, bbox.top + 2 * pixels);
				wordsEnd = x + 10 * pixels + ctx.measureText(mark.label).width;
			}
		}
		ctx.stroke();
	}
	ctx.restore();
}
