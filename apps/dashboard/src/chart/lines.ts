import type { LiveSeries } from './live-series';
import type { Range } from './range';

/** What a line is painted with: a place on the thaw scale (null: from scratch), or a plain series colour from 1. */
export type LineColor = { readonly share: number | null } | { readonly series: number };

export interface ChartLine {
	readonly id: string;
	/** Lines with the same group share a legend entry, and are hidden together. */
	readonly group: string;
	/** `main` lines carry the end label and the tooltip; `thin` ones are the evidence behind them. */
	readonly role: 'main' | 'thin';
	readonly color: LineColor;
	readonly dash: readonly number[];
	/** Ascending. */
	readonly x: ArrayLike<number>;
	readonly y: ArrayLike<number>;
	/** 95 % interval around y; NaN where there is none. */
	readonly low?: ArrayLike<number>;
	readonly high?: ArrayLike<number>;
	/** Where its first value that is not finite stands. */
	readonly broken?: number | null;
	/** It grows while it is looked at: the chart draws it from here, and reads x and y only for its numbers. */
	readonly live?: LiveSeries;
}

export interface LegendEntry {
	readonly group: string;
	readonly label: string;
	/** Seeds behind the line. */
	readonly n: number | null;
	readonly color: LineColor;
	readonly dash: readonly number[];
}

/** Something that happened at an x: the start of a phase, a divergence, a saved checkpoint. */
export interface ChartMark {
	readonly kind: 'phase' | 'diverged' | 'checkpoint';
	readonly x: number;
	readonly label: string;
}

/** From the most thawed line, which is solid, to the most frozen one. */
export const DASHES: readonly (readonly number[])[] = [
	[],
	[9, 3],
	[5, 3],
	[2, 3],
	[9, 3, 2, 3],
	[5, 3, 2, 3],
	[12, 2, 2, 2, 2, 2],
];

export function dashOf(rank: number): readonly number[] {
	return DASHES[rank % DASHES.length] ?? [];
}

export type Column = (number | null)[];

/**
 * One x for all lines, as the canvas wants it: the union of their positions, and null where a line has no finite value.
 * Each line gives its y, and where it has a band also low and high.
 */
export function alignLines(lines: readonly ChartLine[]): { readonly x: number[]; readonly columns: Column[] } {
	const positions = new Set<number>();
	for (const line of lines) for (let at = 0; at < line.x.length; at += 1) positions.add(line.x[at] as number);
	const x = [...positions].filter(Number.isFinite).sort((a, b) => a - b);
	const rowOf = new Map(x.map((position, row) => [position, row]));
	const spread = (line: ChartLine, values: ArrayLike<number>): Column => {
		const column: Column = new Array(x.length).fill(null);
		for (let at = 0; at < line.x.length; at += 1) {
			const row = rowOf.get(line.x[at] as number);
			const value = values[at] as number;
			if (row !== undefined && Number.isFinite(value)) column[row] = value;
		}
		return column;
	};
	const columns = lines.flatMap((line) => [
		spread(line, line.y),
		...(line.low && line.high ? [spread(line, line.low), spread(line, line.high)] : []),
	]);
	return { x, columns };
}

/** Positions at which as many lines as possible have a value: the rows of a table without holes. */
export function sharedPositions(lines: readonly ChartLine[]): number[] {
	const { x, columns } = alignLines(lines.map(({ low: _low, high: _high, ...line }) => line));
	const filled = x.map((_, row) => columns.filter((column) => column[row] !== null).length);
	const most = Math.max(0, ...filled);
	return x.filter((_, row) => filled[row] === most);
}

export function pointCount(lines: readonly ChartLine[]): number {
	let points = 0;
	for (const line of lines) {
		if (line.live) points += line.live.points;
		else for (let at = 0; at < line.y.length; at += 1) if (Number.isFinite(line.y[at])) points += 1;
	}
	return points;
}

/** Smallest and largest finite value that is drawn, bands included, of all positions or those within; null where nothing is. */
export function extent(
	lines: readonly ChartLine[],
	of: 'x' | 'y',
	within: Range | null = null,
): readonly [number, number] | null {
	let low = Number.POSITIVE_INFINITY;
	let high = Number.NEGATIVE_INFINITY;
	for (const line of lines) {
		for (const values of of === 'x' ? [line.x] : [line.y, line.low, line.high]) {
			if (!values) continue;
			for (let at = 0; at < values.length; at += 1) {
				const value = values[at] as number;
				if (!Number.isFinite(value)) continue;
				const x = line.x[at] as number;
				if (within !== null && !(x >= within[0] && x <= within[1])) continue;
				if (value < low) low = value;
				if (value > high) high = value;
			}
		}
	}
	return low <= high ? [low, high] : null;
}

/**
 * What the y axis has to hold: every value, and bands as far as half of the values' span beyond. With two seeds a band is
 * a dozen standard deviations wide; it may leave the picture, and the values may not shrink to a line for it.
 */
export function valueExtent(
	lines: readonly ChartLine[],
	within: Range | null = null,
): readonly [number, number] | null {
	const values = extent(
		lines.map(({ low: _low, high: _high, ...line }) => line),
		'y',
		within,
	);
	const all = extent(lines, 'y', within);
	if (values === null || all === null) return null;
	const reach = (values[1] - values[0]) / 2 || Number.POSITIVE_INFINITY;
	return withinNature(values, [Math.max(all[0], values[0] - reach), Math.min(all[1], values[1] + reach)]);
}

/** Intervals may say more than can be: an accuracy above 1, a loss below 0. An axis does not go there for them. */
export function withinNature(
	[low, high]: readonly [number, number],
	reach: readonly [number, number],
): readonly [number, number] {
	return [low >= 0 ? Math.max(0, reach[0]) : reach[0], low >= 0 && high <= 1 ? Math.min(1, reach[1]) : reach[1]];
}

/** The value of a line at the position nearest to `x`, with its interval. */
export function valueNear(
	line: ChartLine,
	x: number,
): { readonly x: number; readonly y: number; readonly half: number | null } | null {
	let best = -1;
	for (let at = 0; at < line.x.length; at += 1) {
		if (!Number.isFinite(line.y[at])) continue;
		if (best < 0 || Math.abs((line.x[at] as number) - x) < Math.abs((line.x[best] as number) - x)) best = at;
	}
	if (best < 0) return null;
	const half = line.low && line.high ? ((line.high[best] as number) - (line.low[best] as number)) / 2 : Number.NaN;
	return { x: line.x[best] as number, y: line.y[best] as number, half: Number.isFinite(half) ? half : null };
}
