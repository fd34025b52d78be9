import type { Cells, MetricPoints } from '@graft/domain/metric';
import type { Session, Statement } from '../connection/index.js';
import { decodeBatch } from './batch-codec.js';
import { breather } from './breather.js';
import { decodeCells } from './cell-codec.js';
import { decodeIntegers, unpackValues } from './chunk-codec.js';
import { findExperimentsOfRuns } from './find-experiments-of-runs.sql.js';
import { betweenSteps } from './join-points.js';
import { VISIBLE } from './visible.sql.js';

/** What is wanted of a series: its points of the steps `from` to `to`, both included. */
export interface Wanted {
	readonly runId: string;
	readonly key: string;
	readonly from: number;
	readonly to: number;
	/** Chunks that have cells of this level or a finer one may come as cells; -1: points alone. */
	readonly level: number;
}
/** Steps are from 0; so this is all of them. */
export const EVERY_STEP = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** A stretch of a series: its points, or the cells that stand for them. Pieces come in order of arrival. */
export type Piece = {
	readonly minStep: number;
	readonly maxStep: number;
	/** Names the chunk, so that its points may be asked for instead; null for a batch. */
	readonly chunk: string | null;
} & ({ readonly kind: 'points'; readonly points: MetricPoints } | { readonly kind: 'cells'; readonly cells: Cells });

/**
 * Chunks and the batches behind them in one statement, so that compaction cannot move points from the one to the other
 * in between. A chunk that lies in the range as a whole comes as the coarsest of its cells that are not wider than wanted,
 * and of its value no more is read than they take; a chunk that $9 names comes as points. No name: the plan is made for
 * these experiments, and other partitions are not touched. No order: a sort would write the cells to disk.
 */
const pieces: Statement = {
	name: '',
	text: `
		WITH ${VISIBLE}, wanted AS (
			SELECT * FROM unnest($4::uuid[], $5::text[], $6::integer[], $7::float8[], $8::float8[])
				AS given (run_id, key, level, first, last)
		)
		SELECT chunk.run_id AS "runId", chunk.key, attempt, chunk.position AS place, false AS batch,
			chunk.count, chunk.min_step AS "minStep", chunk.max_step AS "maxStep", visible.last_step AS "lastStep",
			CASE WHEN depth > 0 THEN substring(chunk.cells FROM coalesce(level_ends[depth - 1], 0) + 1
				FOR level_ends[depth] - coalesce(level_ends[depth - 1], 0)) END AS cells,
			CASE WHEN depth = 0 THEN chunk.steps END AS steps, CASE WHEN depth = 0 THEN chunk.times END AS times,
			CASE WHEN depth = 0 THEN chunk.values END AS body
		FROM wanted JOIN metric_chunk AS chunk USING (run_id, key) JOIN visible USING (run_id, attempt)
			CROSS JOIN LATERAL (SELECT CASE
				WHEN chunk.min_step < first OR chunk.max_step > last OR chunk.max_step > last_step
					OR concat_ws(' ', run_id, attempt, chunk.position, key) = ANY($9::text[]) THEN 0
				ELSE coalesce(width_bucket(wanted.level::smallint, chunk.levels), 0) END AS depth) AS choice
		WHERE chunk.experiment_id = ANY($3::uuid[]) AND chunk.max_step >= first AND chunk.min_step <= last
			AND (last_step IS NULL OR chunk.min_step <= last_step)
		UNION ALL
		SELECT batch.run_id, null, attempt, batch.sequence, true, batch.points, null, null,
			visible.last_step, null, null, null, batch.body
		FROM metric_batch AS batch JOIN visible USING (run_id, attempt)
		WHERE batch.experiment_id = ANY($3::uuid[]) AND batch.run_id = ANY($1::uuid[])
			AND (last_step IS NULL OR last_step >= 0)`,
};

interface PieceRow {
	readonly runId: string;
	readonly key: string | null;
	readonly attempt: number;
	readonly place: number;
	readonly batch: boolean;
	readonly count: number;
	readonly minStep: number | null;
	readonly maxStep: number | null;
	readonly lastStep: number | null;
	readonly cells: Buffer | null;
	readonly steps: Buffer;
	readonly times: Buffer;
	readonly body: Buffer;
}

export interface PieceOptions {
	/** Names of chunks that have to come as points. */
	readonly asPoints?: readonly string[];
	/** As the record stood before the attempt after this one; null: as it stands. */
	readonly attempt?: number | null;
}

/** By run and key; series without a point in the range are absent. */
export async function readPieces(
	session: Session,
	wanted: readonly Wanted[],
	{ asPoints = [], attempt = null }: PieceOptions = {},
): Promise<ReadonlyMap<string, ReadonlyMap<string, readonly Piece[]>>> {
	const byRun = new Map<string, Map<string, Wanted>>();
	for (const one of wanted) byRun.set(one.runId, (byRun.get(one.runId) ?? new Map()).set(one.key, one));
	const runIds = [...byRun.keys()];
	const experiments = new Set((await findExperimentsOfRuns(session, runIds)).values());
	const rows = await session.query<PieceRow>(pieces, [
		...[runIds, attempt, [...experiments]],
		...[wanted.map(({ runId }) => runId), wanted.map(({ key }) => key), wanted.map(({ level }) => level)],
		...[wanted.map(({ from }) => from), wanted.map(({ to }) => to), asPoints],
	]);
	const found = new Map<string, Map<string, Piece[]>>();
	const add = (runId: string, key: string, piece: Piece) => {
		const ofRun = found.get(runId) ?? new Map<string, Piece[]>();
		found.set(runId, ofRun);
		const ofKey = ofRun.get(key);
		if (ofKey === undefined) ofRun.set(key, [piece]);
		else ofKey.push(piece);
	};
	const rest = breather();
	for (const row of [...rows].sort(byArrival)) {
		const turn = rest();
		if (turn !== undefined) await turn;
		const ofRun = byRun.get(row.runId) ?? new Map<string, Wanted>();
		const addPoints = (key: string, points: MetricPoints, chunk: string | null) => {
			const { from, to } = ofRun.get(key) ?? EVERY_STEP;
			const last = Math.min(to, row.lastStep ?? Number.POSITIVE_INFINITY);
			const piece = pieceOf(betweenSteps(points, from, last), chunk);
			if (piece !== null) add(row.runId, key, piece);
		};
		if (row.key === null) {
			for (const { key, ...points } of decodeBatch(row.body, new Set(ofRun.keys()))) addPoints(key, points, null);
			continue;
		}
		const chunk = `${row.runId} ${row.attempt} ${row.place} ${row.key}`;
		if (row.cells === null) addPoints(row.key, decodePoints(row), chunk);
		else {
			const [minStep, maxStep] = [row.minStep ?? 0, row.maxStep ?? 0];
			add(row.runId, row.key, { kind: 'cells', cells: decodeCells(row.cells), minStep, maxStep, chunk });
		}
	}
	return found;
}

/** Of one attempt, what is compacted came before what is not. */
const byArrival = (a: PieceRow, b: PieceRow): number =>
	a.attempt - b.attempt || Number(a.batch) - Number(b.batch) || a.place - b.place;

function decodePoints({ steps, times, body, count }: PieceRow): MetricPoints {
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
