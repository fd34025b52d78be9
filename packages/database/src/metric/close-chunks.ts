import { type Cells, cellOf, cellsOfPoints, coarsen, type MetricPoints } from '@graft/domain/metric';
import { slicePoints } from './join-points.js';
import type { SequenceRun } from './sequence-codec.js';

/** Points of one series with the batches that they came in, in order of arrival. */
export interface SequencedPoints {
	readonly points: MetricPoints;
	readonly sequences: readonly SequenceRun[];
}
export interface PlannedChunk extends SequencedPoints {
	/** It stays as it is; an open one is joined with what comes behind it. */
	readonly closed: boolean;
	/** The points summed up, the finest cells first; null: they are too few. */
	readonly pyramid: readonly Cells[] | null;
}

/** A closed chunk has this many points at least: with fewer, a cell would save a reader little. */
export const CLOSED_AT = 8_192;
/** And at most this many: a reader that zooms in decodes one or two chunks whole, in some 0.5 ms each. */
const CHUNK_POINTS = 16_384;
/**
 * Of a long series, whose cells are wide, a query reads the very cells that it shows; where they are narrow, every second level
 * must do, for these are what takes room, and a query reads twice as many at the most. A million points are 31,000, 7,800,
 * 3,900, 2,000, 1,000 and 500 cells, 30 bytes each: 1.3 bytes a point.
 */
const POINTS_PER_CELL = [32, 128, 256, 512, 1024, 2048];
/** An open chunk is summed up from so many points on. */
const SUMMED_AT = 256;
/** More finely than a closed one: it is part of a series that is short yet, and does not stay, so its cells may take more bytes. */
const POINTS_PER_OPEN_CELL = [8, 32, 128];

export interface CloseOptions {
	/** The largest step of the chunks before; null where there is none. */
	readonly after: number | null;
	/** Nothing follows: the rest is closed too, however short it is. */
	readonly ended: boolean;
}

/**
 * Cuts a series into closed chunks and, behind them, up to two open ones: one that is summed up, and the points after it. While
 * steps grow, a cut lies between two cells of the coarsest level, so that no cell has points in two chunks.
 */
export function closeChunks(given: SequencedPoints, { after, ended }: CloseOptions): PlannedChunk[] {
	const chunks: PlannedChunk[] = [];
	let [rest, before] = [given, after];
	while (rest.points.steps.length >= CLOSED_AT) {
		const candidate = slicePoints(rest.points, 0, CHUNK_POINTS);
		const summed = sumUp(candidate, before, POINTS_PER_CELL);
		const border = lastBorder(rest.points.steps, summed.at(-1)?.level ?? 0);
		const [chunk, behind] = split(rest, border ?? candidate.steps.length);
		chunks.push({ ...chunk, closed: true, pyramid: pyramidOf(chunk.points, candidate, summed) });
		before = chunk.points.steps.reduce((a, b) => Math.max(a, b));
		rest = behind;
	}
	if (rest.points.steps.length === 0) return chunks;
	if (!ended) return [...chunks, ...openChunks(rest, before)];
	return [...chunks, { ...rest, closed: true, pyramid: sumUp(rest.points, before, POINTS_PER_CELL) }];
}

function openChunks(given: SequencedPoints, after: number | null): PlannedChunk[] {
	const { steps } = given.points;
	if (steps.length < SUMMED_AT) return [{ ...given, closed: false, pyramid: null }];
	const all = sumUp(given.points, after, POINTS_PER_OPEN_CELL);
	const border = lastBorder(steps, all.at(-1)?.level ?? 0);
	if (border === null) return [{ ...given, closed: false, pyramid: null }];
	const [summed, behind] = split(given, border);
	return [
		{ ...summed, closed: false, pyramid: pyramidOf(summed.points, given.points, all) },
		{ ...behind, closed: false, pyramid: null },
	];
}

/** Cells of the levels at which they hold so many points each, as far as none of them reaches back to the step `after`. */
function sumUp(points: MetricPoints, after: number | null, pointsPerCells: readonly number[]): Cells[] {
	const count = points.steps.length;
	const first = points.steps.reduce((a, b) => Math.min(a, b));
	const pyramid: Cells[] = [];
	let cells = cellsOfPoints(points);
	for (const pointsPerCell of pointsPerCells) {
		const atMost = Math.ceil(count / pointsPerCell);
		// Of steps below 2^53 nothing is left to join above level 53.
		while (Math.max(cells.index.length, cells.nonFinite.length) > atMost && cells.level < 53)
			cells = coarsen(cells, cells.level + 1);
		if (after !== null && after < first && cellOf(after, cells.level) >= cellOf(first, cells.level)) break;
		if (pyramid.at(-1)?.level !== cells.level) pyramid.push(cells);
	}
	return pyramid;
}

/** At the levels of `summed`, which is that of `candidate`: of all of it, or of as many of its points as the chunk has. */
function pyramidOf(points: MetricPoints, candidate: MetricPoints, summed: readonly Cells[]): readonly Cells[] {
	if (points.steps.length === candidate.steps.length) return summed;
	let cells = cellsOfPoints(points);
	return summed.map(({ level }) => {
		cells = coarsen(cells, level);
		return cells;
	});
}

/** The last place within a chunk's reach where a cell ends and the next one begins; null where its second half has none. */
function lastBorder(steps: Float64Array, level: number): number | null {
	const reach = Math.min(CHUNK_POINTS, steps.length);
	for (let at = Math.min(reach, steps.length - 1); at > reach / 2; at--)
		if (cellOf(steps[at - 1] as number, level) < cellOf(steps[at] as number, level)) return at;
	return null;
}

function split({ points, sequences }: SequencedPoints, at: number): [SequencedPoints, SequencedPoints] {
	const [left, right]: [SequenceRun[], SequenceRun[]] = [[], []];
	let before = 0;
	for (const { sequence, count } of sequences) {
		const here = Math.min(count, Math.max(0, at - before));
		if (here > 0) left.push({ sequence, count: here });
		if (here < count) right.push({ sequence, count: count - here });
		before += count;
	}
	return [
		{ points: slicePoints(points, 0, at), sequences: left },
		{ points: slicePoints(points, at, points.steps.length), sequences: right },
	];
}
