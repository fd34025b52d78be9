import { type Cells, cellOf, cellsOfPoints, coarsen, joinCells, levelFor } from '@graft/domain/metric';
import type { Session } from '../connection/index.js';
import { breather } from './breather.js';
import { decodeCells } from './cell-codec.js';
import { joinPoints } from './join-points.js';
import type { Piece } from './pieces.js';
import { readPieces } from './read-pieces.sql.js';
import { extentOf, findRunRecords, type RunRecord } from './run-records.sql.js';
import { EVERY_STEP } from './stretches.js';

export interface CellQuery {
	readonly runId: string;
	readonly key: string;
	/** First and last step, both included; null: from the first one that there is, to the last. */
	readonly from: number | null;
	readonly to: number | null;
}
export interface CellOptions {
	/** Cells of a series at the most. */
	readonly buckets: number;
	/** Null: each series gets the finest level that fits. Else all of them this one, however many cells that makes. */
	readonly level: number | null;
	/** As the record stood before the attempt after this one; null: as it stands. */
	readonly attempt?: number | null;
	/** What is known of the runs, these series included where `level` is null, so that nobody has to ask. */
	readonly records?: ReadonlyMap<string, RunRecord>;
}

export interface CellsRead {
	/** By run and key; series without points are absent. */
	readonly cells: ReadonlyMap<string, ReadonlyMap<string, Cells>>;
	/** Of each run the version of its record that they were read at, or an earlier one. */
	readonly versions: ReadonlyMap<string, string>;
}

/** A new attempt or a compaction may change what a second look finds; more than a few in a row do not happen. */
const LOOKS = 6;

/**
 * The points of each series as cells: a series of no more points than buckets step by step, any other in cells of the
 * smallest power of two of steps at which its range needs no more than `buckets`. Long stretches are read as the cells that
 * compaction has left, so that an overview touches no point; the answer is the same to the last bit as from the points.
 */
export async function readCells(
	session: Session,
	series: readonly CellQuery[],
	options: CellOptions,
): Promise<CellsRead> {
	if (series.length === 0) return { cells: new Map(), versions: new Map() };
	const { attempt = null } = options;
	const runIds = series.map(({ runId }) => runId);
	const keys = options.level === null ? series.map(({ key }) => key) : [];
	const records = options.records ?? (await findRunRecords(session, runIds, keys));
	const levels = new Map(series.map((one) => [idOf(one), firstGuess(one, records.get(one.runId), options)]));
	const done = new Map<string, Map<string, Cells>>();
	const versions = new Map<string, string>();
	const asPoints = new Set<string>();
	const rest = breather();
	let open = series;
	for (let look = 0; open.length > 0; look++) {
		const wanted = open.map((one) => ({
			runId: one.runId,
			key: one.key,
			from: one.from ?? EVERY_STEP.from,
			to: one.to ?? EVERY_STEP.to,
			level: look < LOOKS ? (levels.get(idOf(one)) ?? 0) : -1,
		}));
		const { pieces: found, versions: now } = await readPieces(session, wanted, {
			asPoints: [...asPoints],
			attempt,
			records,
		});
		for (const [runId, version] of now) if (!versions.has(runId)) versions.set(runId, version);
		const again: CellQuery[] = [];
		for (const [at, one] of open.entries()) {
			const turn = rest();
			if (turn !== undefined) await turn;
			const pieces = found[at] ?? [];
			if (pieces.length === 0) continue;
			const shared = sharingCells(pieces);
			for (const chunk of shared) asPoints.add(chunk);
			if (shared.length > 0) {
				again.push(one);
				continue;
			}
			const level = options.level ?? levelOf(pieces, one, options.buckets);
			if (pieces.some((piece) => levelOfPiece(piece) > level)) {
				levels.set(idOf(one), level);
				again.push(one);
				continue;
			}
			const ofRun = done.get(one.runId) ?? new Map<string, Cells>();
			done.set(one.runId, ofRun.set(one.key, assemble(pieces, level)));
		}
		open = again;
	}
	return { cells: done, versions };
}

const idOf = ({ runId, key }: Pick<CellQuery, 'runId' | 'key'>): string => `${runId} ${key}`;
const levelOfPiece = (piece: Piece): number => (piece.kind === 'cells' ? piece.cells.level : 0);

function firstGuess(
	{ key, from, to }: CellQuery,
	record: RunRecord | undefined,
	{ buckets, level, attempt = null }: CellOptions,
): number {
	if (level !== null) return level;
	const extent = extentOf(record, key, attempt);
	if (extent !== undefined && extent.count <= buckets) return 0;
	const [first, last] = [from ?? extent?.firstStep ?? 0, to ?? extent?.lastStep ?? 0];
	return first <= last ? levelFor(first, last, buckets) : 0;
}

function levelOf(pieces: readonly Piece[], { from, to }: CellQuery, buckets: number): number {
	const points = pieces.reduce(
		(sum, piece) => sum + (piece.kind === 'points' ? piece.points.steps.length : piece.cells.points),
		0,
	);
	if (points <= buckets) return 0;
	const first = from === null ? pieces.reduce((low, { minStep }) => Math.min(low, minStep), EVERY_STEP.to) : from;
	const last = to === null ? pieces.reduce((high, { maxStep }) => Math.max(high, maxStep), 0) : to;
	return levelFor(first, last, buckets);
}

/** Chunks that came as cells and have a cell in common with another piece: their points are needed. */
function sharingCells(pieces: readonly Piece[]): string[] {
	const sorted = [...pieces].sort((a, b) => a.minStep - b.minStep);
	const shared = new Set<string>();
	let furthest: Piece | undefined;
	for (const piece of sorted) {
		if (furthest !== undefined) {
			const level = Math.max(levelOfPiece(furthest), levelOfPiece(piece));
			if (cellOf(furthest.maxStep, level) >= cellOf(piece.minStep, level)) {
				for (const one of [furthest, piece]) if (one.kind === 'cells' && one.chunk !== null) shared.add(one.chunk);
			}
		}
		if (furthest === undefined || piece.maxStep > furthest.maxStep) furthest = piece;
	}
	return [...shared];
}

/** Level by level upwards: cells of a piece join the others at the piece's own level, where they have none in common. */
function assemble(pieces: readonly Piece[], level: number): Cells {
	const encoded = pieces.flatMap((piece) => (piece.kind === 'cells' ? [piece.cells] : []));
	let cells = cellsOfPoints(joinPoints(pieces.flatMap((piece) => (piece.kind === 'points' ? [piece.points] : []))));
	for (const next of [...new Set(encoded.map((one) => one.level))].sort((a, b) => a - b)) {
		const ofLevel = encoded.filter((one) => one.level === next);
		cells = joinCells([coarsen(cells, next), decodeCells(next, ofLevel)], next);
	}
	return coarsen(cells, level);
}
