import { type Cells, cellOf, cellsOfPoints, coarsen, type MetricPoints } from '@graft/domain/metric';
import { slicePoints } from './join-points.js';
import type { SequenceRun } from './sequence-codec.js';

/** Points of one series with the batches that they came in, in order of arrival. */
export interface SequencedPoints {
	readonly points: MetricPoints;
	readonly sequences: readonly SequenceRun[];
}
export interface PlannedChunk extends SequencedPoints {
	/** Null: the chunk stays open. */
	readonly cells: { readonly fine: Cells; readonly coarse: Cells } | null;
}

/** A closed chunk has this many points at least: with fewer, a cell would save a reader little. */
export const CLOSED_AT = 8_192;
/** And at most this many: a reader that zooms in decodes one or two chunks whole, in some 0.5 ms each. */
const CHUNK_POINTS = 16_384;
/** A million points are then some 20,000 fine cells and 1,400 coarse ones, 30 bytes each. */
const POINTS_PER_CELL = { fine: 32, coarse: 512 };

/**
 * Cuts a series into closed chunks and, behind them, an open one with the rest. While steps grow, a cut lies between two
 * coarse cells, so that no cell has points in two chunks.
 */
export function closeChunks(given: SequencedPoints): PlannedChunk[] {
	const chunks: PlannedChunk[] = [];
	let rest = given;
	while (rest.points.steps.length >= CLOSED_AT) {
		const candidate = slicePoints(rest.points, 0, CHUNK_POINTS);
		const [fine, coarse] = levelsOf(candidate);
		const size = lastBorder(candidate.steps, coarse, CLOSED_AT / 2);
		const [chunk, behind] = split(rest, size);
		const cells = coarsen(cellsOfPoints(chunk.points), fine);
		chunks.push({ ...chunk, cells: { fine: cells, coarse: coarsen(cells, coarse) } });
		rest = behind;
	}
	return rest.points.steps.length === 0 ? chunks : [...chunks, { ...rest, cells: null }];
}

function levelsOf(points: MetricPoints): [number, number] {
	const count = points.steps.length;
	let cells = cellsOfPoints(points);
	const until = (pointsPerCell: number): number => {
		// Of steps below 2^53 nothing is left to join above level 53.
		while (Math.max(cells.index.length, cells.nonFinite.length) > count / pointsPerCell && cells.level < 53)
			cells = coarsen(cells, cells.level + 1);
		return cells.level;
	};
	return [until(POINTS_PER_CELL.fine), until(POINTS_PER_CELL.coarse)];
}

/** The last place behind `least` where a cell ends and the next one begins; all of it where there is none. */
function lastBorder(steps: Float64Array, level: number, least: number): number {
	for (let at = steps.length - 1; at > least; at--)
		if (cellOf(steps[at - 1] as number, level) < cellOf(steps[at] as number, level)) return at;
	return steps.length;
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
