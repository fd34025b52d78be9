import type { MetricPoints } from './metric.js';

/**
 * Points summed up over cells of the step axis: cell `i` of level L holds the steps from i * 2^L to (i + 1) * 2^L - 1.
 * Only cells with a finite value are listed, in ascending order; values that are no finite numbers are listed apart.
 *
 * A cell is a function of its points alone. Level 0 is computed in order of arrival, and each level from the halves of
 * the one before; so it is the same to the last bit however the points were cut into batches and chunks.
 */
export interface Cells {
	readonly level: number;
	readonly index: Float64Array;
	/** Step and time of the first finite point; of equal steps, of the one that came first. */
	readonly firstStep: Float64Array;
	readonly firstTime: Float64Array;
	/** Finite points. */
	readonly count: Float64Array;
	readonly min: Float64Array;
	readonly max: Float64Array;
	readonly mean: Float64Array;
	/** The first of each kind in each cell, by step. */
	readonly nonFinite: readonly NonFiniteCell[];
	/** Points in all, finite or not. */
	readonly points: number;
}
export interface NonFiniteCell {
	readonly value: 'NaN' | 'Infinity' | '-Infinity';
	readonly step: number;
	readonly time: number;
}

export const cellOf = (step: number, level: number): number => Math.floor(step / 2 ** level);

/** The finest level at which the steps `from` to `to` lie in at most `cells` cells. */
export function levelFor(from: number, to: number, cells: number): number {
	let level = 0;
	while (cellOf(to, level) - cellOf(from, level) >= cells) level += 1;
	return level;
}

/** Cells of level 0: one for each step that has a finite value. Points in order of arrival. */
export function cellsOfPoints(given: MetricPoints): Cells {
	const { steps, values, times } = byStep(given);
	const cells = emptyCells(0, steps.length, steps.length);
	const { index, firstTime, count, min, max, mean } = cells;
	const nonFinite = new Map<string, NonFiniteCell>();
	let size = 0;
	for (let at = 0; at < steps.length; at++) {
		const step = steps[at] as number;
		const value = values[at] as number;
		if (!Number.isFinite(value)) {
			const name = String(value) as NonFiniteCell['value'];
			const key = `${step} ${name}`;
			if (!nonFinite.has(key)) nonFinite.set(key, { value: name, step, time: times[at] as number });
			continue;
		}
		if (size === 0 || index[size - 1] !== step) {
			index[size] = step;
			firstTime[size] = times[at] as number;
			count[size] = 1;
			min[size] = value;
			max[size] = value;
			mean[size] = value;
			size += 1;
			continue;
		}
		const last = size - 1;
		const n = (count[last] as number) + 1;
		count[last] = n;
		min[last] = Math.min(min[last] as number, value);
		max[last] = Math.max(max[last] as number, value);
		// As a running mean in two divisions, so that huge values of both signs do not overflow.
		mean[last] = (mean[last] as number) * ((n - 1) / n) + value / n;
	}
	cells.firstStep.set(index);
	return cut(cells, size, [...nonFinite.values()]);
}

/** In order of steps; equal steps stay in order of arrival. */
function byStep(points: MetricPoints): MetricPoints {
	const { steps } = points;
	let sorted = true;
	for (let at = 1; at < steps.length && sorted; at++) sorted = (steps[at - 1] as number) <= (steps[at] as number);
	if (sorted) return points;
	const order = [...steps.keys()].sort((a, b) => (steps[a] as number) - (steps[b] as number));
	const pick = (list: Float64Array) => Float64Array.from(order, (at) => list[at] as number);
	return { steps: pick(steps), values: pick(points.values), times: pick(points.times) };
}

/** The same points in cells of twice the width, again and again up to `level`. */
export function coarsen(cells: Cells, level: number): Cells {
	if (cells.level >= level) return cells;
	const to = emptyCells(level, cells.index.length, cells.points);
	let from = cells;
	let size = cells.index.length;
	let nonFinite = cells.nonFinite;
	for (let at = cells.level + 1; at <= level; at++) {
		size = halve(from, size, to);
		nonFinite = firstOfEachCell(nonFinite, at);
		// There are at most as many cells as before, so the next ones can take their place: no memory for each level.
		from = to;
	}
	return cut(to, size, nonFinite);
}

/** Writes the first `length` cells of `from` as cells of twice the width to `to`, which may be `from`; answers how many they are. */
function halve(from: Cells, length: number, to: Cells): number {
	// As locals, each list is looked up once and not for each cell.
	const {
		index: indexes,
		firstStep: steps,
		firstTime: times,
		count: counts,
		min: lows,
		max: highs,
		mean: means,
	} = from;
	const { index, firstStep, firstTime, count, min, max, mean } = to;
	let last = -1;
	let cell = -1;
	for (let at = 0; at < length; at++) {
		const next = Math.floor((indexes[at] as number) / 2);
		if (next !== cell) {
			cell = next;
			last += 1;
			index[last] = cell;
			firstStep[last] = steps[at] as number;
			firstTime[last] = times[at] as number;
			count[last] = counts[at] as number;
			min[last] = lows[at] as number;
			max[last] = highs[at] as number;
			mean[last] = means[at] as number;
			continue;
		}
		const [left, right] = [count[last] as number, counts[at] as number];
		const n = left + right;
		count[last] = n;
		min[last] = Math.min(min[last] as number, lows[at] as number);
		max[last] = Math.max(max[last] as number, highs[at] as number);
		mean[last] = (mean[last] as number) * (left / n) + (means[at] as number) * (right / n);
	}
	return last + 1;
}

function firstOfEachCell(events: readonly NonFiniteCell[], level: number): readonly NonFiniteCell[] {
	if (events.length === 0) return events;
	const first = new Map<string, NonFiniteCell>();
	for (const event of events) {
		const key = `${cellOf(event.step, level)} ${event.value}`;
		if (!first.has(key)) first.set(key, event);
	}
	return [...first.values()];
}

/**
 * Cells of one level that have no cell in common, in any order, as one list. Parts may lie within each other's gaps, as points
 * before and behind a chunk do, and need not be in order within themselves.
 */
export function joinCells(parts: readonly Cells[], level: number): Cells {
	const filled = parts
		.filter(({ index }) => index.length > 0)
		.sort((a, b) => (a.index[0] as number) - (b.index[0] as number));
	const points = parts.reduce((sum, part) => sum + part.points, 0);
	const nonFinite = parts.flatMap((part) => part.nonFinite).sort((a, b) => a.step - b.step);
	const joined = filled.length === 1 ? (filled[0] as Cells) : inARow(filled, level);
	return { ...ascending(joined), points, nonFinite };
}

function inARow(parts: readonly Cells[], level: number): Cells {
	const size = parts.reduce((sum, { index }) => sum + index.length, 0);
	const joined = emptyCells(level, size, 0);
	let at = 0;
	for (const part of parts) {
		for (const field of LISTS) joined[field].set(part[field], at);
		at += part.index.length;
	}
	return joined;
}

function ascending(cells: Cells): Cells {
	const { index } = cells;
	let sorted = true;
	for (let at = 1; at < index.length && sorted; at++) sorted = (index[at - 1] as number) < (index[at] as number);
	if (sorted) return cells;
	const order = [...index.keys()].sort((a, b) => (index[a] as number) - (index[b] as number));
	const ordered = emptyCells(cells.level, index.length, cells.points);
	for (const field of LISTS)
		for (const [to, from] of order.entries()) ordered[field][to] = cells[field][from] as number;
	return ordered;
}

const LISTS = ['index', 'firstStep', 'firstTime', 'count', 'min', 'max', 'mean'] as const;

function emptyCells(level: number, size: number, points: number): Cells {
	const list = () => new Float64Array(size);
	return {
		...{ level, points, nonFinite: [] },
		...{ index: list(), firstStep: list(), firstTime: list(), count: list(), min: list(), max: list(), mean: list() },
	};
}

function cut(cells: Cells, size: number, nonFinite: readonly NonFiniteCell[]): Cells {
	if (size === cells.index.length) return { ...cells, nonFinite };
	const of = (list: Float64Array) => list.slice(0, size);
	return {
		...{ level: cells.level, points: cells.points, nonFinite },
		...{ index: of(cells.index), firstStep: of(cells.firstStep), firstTime: of(cells.firstTime) },
		...{ count: of(cells.count), min: of(cells.min), max: of(cells.max), mean: of(cells.mean) },
	};
}
