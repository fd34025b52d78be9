import uPlot from 'uplot';
import { alignLines, type ChartLine, extent, pointCount, valueExtent } from './lines';
import { type GrowingLine, LiveLayer } from './live-layer';
import { readPalette } from './palette';
import { type PlotState, plotOptions } from './plot-options';
import { type Range, stepOutward, stepOutwardX } from './range';

/** What a chart shows, and where it begins anew. */
export interface Picture extends Omit<PlotState, 'plotted' | 'ranges' | 'palette'> {
	readonly xEnd: number | null;
	/** The part of the x axis that is shown; null: all of it. */
	readonly window: Range | null;
	/** Another key, another measure: ranges begin anew. */
	readonly rangeKey: string;
	/** Another shape needs another plot; new data of the same shape do not. */
	readonly shape: string;
	readonly width: number;
	readonly height: number;
}

const isGrowing = (line: ChartLine): line is GrowingLine => line.live !== undefined;

/**
 * The canvases of a chart: the plot with its axes, bands and stored lines, which is drawn anew when they change, and under it the
 * lines that grow, which are drawn at each tick. Axes and names are text, and text is what a browser paints slowest.
 */
export class Drawing {
	readonly #layer: LiveLayer;
	#plot: uPlot | null = null;
	#state: PlotState | null = null;
	#picture: Picture | null = null;
	#ranges: { key: string; x: Range | null; y: Range | null } = { key: '', x: null, y: null };

	constructor(private readonly box: HTMLElement) {
		this.#layer = new LiveLayer(box);
	}

	show(picture: Picture): void {
		const { rangeKey, window, lines, shape, width, height } = picture;
		this.#picture = picture;
		const key = `${rangeKey}#${window?.join() ?? ''}`;
		if (this.#ranges.key !== key) this.#ranges = { key, x: null, y: null };
		this.#stepOutward();
		const isSame = this.#plot?.root.dataset.shape === shape;
		const palette = isSame && this.#state ? this.#state.palette : readPalette(this.box);
		const plotted = lines.filter((line) => !isGrowing(line));
		this.#state = { ...picture, plotted, palette, ranges: this.#ranges };
		const data = this.#dataOf(plotted);
		if (this.#plot && isSame) {
			if (this.#plot.width !== width || this.#plot.height !== height) this.#plot.setSize({ width, height });
			this.#plot.batch((plot: uPlot) => plot.setData(data));
		} else {
			this.#plot?.destroy();
			this.#plot = new uPlot(
				plotOptions(width, height, () => this.#state as PlotState),
				data,
				this.box,
			);
			this.#plot.root.dataset.shape = shape;
			// uPlot draws in a microtask; until then it does not know its place.
			this.#plot.batch(() => undefined);
		}
		this.#place();
		this.#drawLayer(true);
	}

	/** The growing lines have grown. Answers how many points are shown. */
	tick(): number {
		const { x, y } = this.#ranges;
		this.#stepOutward();
		const moved = x !== this.#ranges.x || y !== this.#ranges.y;
		if (moved && this.#plot) {
			// Ranges step seldom, and then everything has another place.
			this.#plot.batch((plot: uPlot) => plot.setData(this.#dataOf(this.#state?.plotted ?? [])));
			this.#place();
		}
		this.#drawLayer(moved);
		return pointCount(this.#picture?.lines ?? []);
	}

	remove(): void {
		this.#plot?.destroy();
		this.#layer.remove();
	}

	#stepOutward(): void {
		if (this.#picture === null) return;
		const { lines, window, xEnd } = this.#picture;
		const growing = lines.filter(isGrowing).flatMap(({ live, ...line }) => {
			const tip = { ...line, x: [live.lastX], y: [live.lastY], low: undefined, high: undefined };
			return live.points === 0 ? [] : [{ ...line, x: live.x, y: live.mean, ...bandOf(line, live) }, tip];
		});
		const all: readonly ChartLine[] = [...lines.filter((line) => !isGrowing(line)), ...growing];
		this.#ranges.x = window ?? stepOutwardX(this.#ranges.x, extent(all, 'x'), xEnd);
		this.#ranges.y = stepOutward(this.#ranges.y, valueExtent(all, window));
	}

	/** Without a point the axes are drawn all the same. */
	#dataOf(plotted: readonly ChartLine[]): uPlot.AlignedData {
		const { x, columns } = alignLines(plotted);
		const ends = this.#ranges.x ?? [0, 1];
		const rows = x.length === 0 ? [...ends] : x;
		const none = () => new Array(rows.length).fill(null);
		return [rows, ...(x.length === 0 ? columns.map(none) : columns), none()] as uPlot.AlignedData;
	}

	#place(): void {
		if (this.#plot === null) return;
		const { left, top, width, height } = this.#plot.bbox;
		const [inX, inY] = [left / devicePixelRatio, top / devicePixelRatio];
		this.#layer.place(inX, inY, width / devicePixelRatio, height / devicePixelRatio);
	}

	#drawLayer(anew: boolean): void {
		const { x, y } = this.#ranges;
		if (this.#state === null || x === null || y === null) return;
		const { palette, faded, lines } = this.#state;
		this.#layer.draw({ lines: lines.filter(isGrowing), paint: palette.paint, faded, x, y }, anew);
	}
}

/** Thin lines are drawn as means alone. */
const bandOf = (line: Pick<ChartLine, 'role'>, { low, high }: GrowingLine['live']) =>
	line.role === 'main' ? { low, high } : { low: undefined, high: undefined };
