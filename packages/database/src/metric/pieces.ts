import type { MetricPoints } from '@graft/domain/metric';
import { decodeBatch } from './batch-codec.js';
import { breather } from './breather.js';
import { type EncodedCells, readCellsHead } from './cell-codec.js';
import { decodeIntegers, unpackValues } from './chunk-codec.js';
import { betweenSteps } from './join-points.js';
import type { Ranges, Stretch, Wanted } from './stretches.js';

/** A stretch of a series: its points, or the cells that stand for them. Pieces come in order of arrival. */
export type Piece = {
	readonly minStep: number;
	readonly maxStep: number;
	/** Names the chunk, so that its points may be asked for instead; null for a batch. */
	readonly chunk: string | null;
} & (
	| { readonly kind: 'points'; readonly points: MetricPoints }
	| { readonly kind: 'cells'; readonly cells: EncodedCells }
);

export interface Row {
	/** Of a chunk, of which stretch it is; of the others, of which run; from 1. */
	readonly at: number;
	readonly attempt: number;
}
export interface ChunkRow extends Row {
	readonly kind: 'chunk';
	readonly place: number;
	readonly count: number;
	readonly minStep: number;
	readonly maxStep: number;
	readonly cells: Buffer | null;
	readonly steps: Buffer;
	readonly times: Buffer;
	readonly body: Buffer;
}
export interface BatchRow extends Row {
	readonly kind: 'batch';
	readonly place: number;
	readonly body: Buffer;
}
export interface Asked {
	readonly wanted: readonly Wanted[];
	readonly runIds: readonly string[];
	/** Of each run. */
	readonly ranges: readonly Ranges[];
	readonly stretches: readonly Stretch[];
}

/** Of each of `wanted`, in the same order. */
export async function piecesOf(
	rows: readonly (ChunkRow | BatchRow)[],
	{ wanted, runIds, ranges, stretches }: Asked,
): Promise<readonly (readonly Piece[])[]> {
	const found = new Map(wanted.map((series) => [series, [] as Piece[]]));
	const byRun = new Map(runIds.map((runId) => [runId, new Map<string, Wanted>()]));
	for (const series of wanted) byRun.get(series.runId)?.set(series.key, series);
	const addPoints = (series: Wanted, points: MetricPoints, lastStep: number, chunk: string | null) => {
		const piece = pieceOf(betweenSteps(points, series.from, Math.min(series.to, lastStep)), chunk);
		if (piece !== null) found.get(series)?.push(piece);
	};
	const rest = breather();
	for (const row of [...rows].sort(byArrival)) {
		const turn = rest();
		if (turn !== undefined) await turn;
		if (row.kind === 'batch') {
			const ofRun = byRun.get(runIds[row.at - 1] ?? '') ?? new Map<string, Wanted>();
			const lastStep = ranges[row.at - 1]?.get(row.attempt) ?? Number.NEGATIVE_INFINITY;
			if (lastStep < 0) continue;
			for (const { key, ...points } of decodeBatch(row.body, new Set(ofRun.keys())))
				addPoints(ofRun.get(key) as Wanted, points, lastStep, null);
			continue;
		}
		const { series, last } = stretches[row.at - 1] as Stretch;
		const chunk = `${series.runId} ${row.attempt} ${row.place} ${series.key}`;
		if (row.cells === null) addPoints(series, decodePoints(row), last, chunk);
		else {
			const { minStep, maxStep } = row;
			found.get(series)?.push({ kind: 'cells', cells: readCellsHead(row.cells), minStep, maxStep, chunk });
		}
	}
	return wanted.map((series) => found.get(series) ?? []);
}

/** Of one attempt, what is compacted came before what is not. */
const byArrival = (a: ChunkRow | BatchRow, b: ChunkRow | BatchRow): number =>
	a.attempt - b.attempt || Number(a.kind === 'batch') - Number(b.kind === 'batch') || a.place - b.place;

function decodePoints({ steps, times, body, count }: ChunkRow): MetricPoints {
	return {
		steps: decodeIntegers(steps, count),
		times: decodeIntegers(times, count),
		values: unpackValues(body, count),
	};
}

function pieceOf(points: MetricPoints, chunk: string | null): Piece | null {
	if (points.steps.length === 0) return null;
	let [minStep, maxStep] = [Number.POSITIVE_INFINITY, 0];
	for (const step of points.steps) {
		if (step < minStep) minStep = step;
		if (step > maxStep) maxStep = step;
	}
	return { kind: 'points', points, minStep, maxStep, chunk };
}
