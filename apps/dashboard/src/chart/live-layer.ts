import type { ChartLine, LineColor } from './lines';
import type { LiveSeries } from './live-series';
import { bandStrength, lineStrength } from './palette';
import type { Range } from './range';

/** A line that grows while it is looked at. */
export type GrowingLine = ChartLine & { readonly live: LiveSeries };

export interface LayerLook {
	readonly lines: readonly GrowingLine[];
	readonly paint: (color: LineColor, alpha: number) => string;
	readonly faded: (group: string) => boolean;
	readonly x: Range;
	readonly y: Range;
}

/**
 * The growing lines, on a canvas of their own under the plot's. What does not change any more is painted once, on a canvas that
 * is not shown; a frame copies it and adds the ends of the lines. So a frame costs what is new in it, and not what there is.
 */
export class LiveLayer {
	readonly #shown: HTMLCanvasElement;
	readonly #settled: HTMLCanvasElement;
	readonly #painted = new Map<LiveSeries, { readonly edition: number; readonly upTo: number }>();

	constructor(parent: HTMLElement) {
		this.#shown = document.createElement('canvas');
		this.#shown.style.position = 'absolute';
		this.#settled = document.createElement('canvas');
		parent.prepend(this.#shown);
	}

	/** Onto the plot's area, in CSS pixels. */
	place(left: number, top: number, width: number, height: number): void {
		const { style } = this.#shown;
		Object.assign(style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
		const [wide, high] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
		if (this.#shown.width === wide && this.#shown.height === high) return;
		for (const canvas of [this.#shown, this.#settled]) Object.assign(canvas, { width: wide, height: high });
		this.#painted.clear();
	}

	/** `anew`: places, colours or the set of lines are others than at the last time. */
	draw(look: LayerLook, anew: boolean): void {
		const { lines } = look;
		const shown = this.#shown.getContext('2d');
		const settled = this.#settled.getContext('2d');
		if (!shown || !settled) return;
		const isOutdated = ({ live }: GrowingLine) =>
			this.#painted.has(live) && this.#painted.get(live)?.edition !== live.edition;
		if (anew || lines.some(isOutdated)) {
			this.#painted.clear();
			settled.clearRect(0, 0, this.#settled.width, this.#settled.height);
		}
		const thin = lines.filter((line) => line.role === 'thin');
		for (const line of thin) this.#settle(settled, line, look);
		shown.clearRect(0, 0, this.#shown.width, this.#shown.height);
		if (thin.length > 0) shown.drawImage(this.#settled, 0, 0);
		for (const line of thin) this.#paint(shown, line, look, Math.max(0, line.live.settled - 1));
		for (const line of lines) if (line.role === 'main') this.#paintMain(shown, line, look);
	}

	remove(): void {
		this.#shown.remove();
	}

	#settle(ctx: CanvasRenderingContext2D, line: GrowingLine, look: LayerLook): void {
		const { live } = line;
		const from = this.#painted.get(live)?.upTo ?? 0;
		const upTo = live.settled;
		this.#painted.set(live, { edition: live.edition, upTo });
		if (upTo <= from) return;
		const at = this.#places(look);
		ctx.strokeStyle = strokeOf(line, look);
		ctx.lineWidth = devicePixelRatio;
		ctx.beginPath();
		for (let index = Math.max(0, from - 1); index < upTo; index += 1)
			ctx.lineTo(at.x(live.x[index] as number), at.y(live.mean[index] as number));
		ctx.stroke();
	}

	/** From a stretch to the newest point, or a dot where that is all. */
	#paint(ctx: CanvasRenderingContext2D, line: GrowingLine, look: LayerLook, from: number): void {
		const { live } = line;
		const at = this.#places(look);
		const pixels = devicePixelRatio;
		const width = line.role === 'thin' ? 1 : 2;
		ctx.strokeStyle = strokeOf(line, look);
		ctx.lineWidth = width * pixels;
		ctx.beginPath();
		if (live.points === 1) ctx.arc(at.x(live.lastX), at.y(live.lastY), (width + 1) * pixels, 0, 2 * Math.PI);
		for (let index = from; index < live.x.length; index += 1)
			ctx.lineTo(at.x(live.x[index] as number), at.y(live.mean[index] as number));
		if (live.points > 0) ctx.lineTo(at.x(live.lastX), at.y(live.lastY));
		ctx.stroke();
	}

	/** With what its stretches hold from the lowest to the highest, as stored curves have it. */
	#paintMain(ctx: CanvasRenderingContext2D, line: GrowingLine, look: LayerLook): void {
		const { live } = line;
		const at = this.#places(look);
		if (live.points > live.x.length) {
			ctx.fillStyle = look.paint(line.color, bandStrength(look.faded(line.group)));
			ctx.beginPath();
			for (let index = 0; index < live.x.length; index += 1)
				ctx.lineTo(at.x(live.x[index] as number), at.y(live.high[index] as number));
			for (let index = live.x.length - 1; index >= 0; index -= 1)
				ctx.lineTo(at.x(live.x[index] as number), at.y(live.low[index] as number));
			ctx.fill();
		}
		ctx.setLineDash(line.dash.map((length) => length * devicePixelRatio));
		this.#paint(ctx, line, look, 0);
		ctx.setLineDash([]);
	}

	#places({ x, y }: LayerLook) {
		const perX = this.#shown.width / (x[1] - x[0]);
		const perY = this.#shown.height / (y[1] - y[0]);
		return { x: (value: number) => (value - x[0]) * perX, y: (value: number) => (y[1] - value) * perY };
	}
}

const strokeOf = (line: GrowingLine, { paint, faded }: LayerLook): string =>
	paint(line.color, lineStrength(line.role, faded(line.group)));
