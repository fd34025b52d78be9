import { type MetricPoints, visibleRanges } from '@graft/domain/metric';
import type { Session, Statement } from '../connection/index.js';
import { decodeBatch } from './batch-codec.js';
import { breather } from './breather.js';
import { type EncodedCells, readCellsHead } from './cell-codec.js';
import { decodeIntegers, unpackValues } from './chunk-codec.js';
import { findExperimentsOfRuns } from './find-experiments-of-runs.sql.js';
import { betweenSteps } from './join-points.js';
import {
	findRunRecords,
	type LoggedAttempt,
	type RecordAttempt,
	type RunRecord,
	versionOf,
} from './run-records.sql.js';

/** What is wanted of a series: its points of the steps `from` to `to`, both included. No series is wanted twice. */
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
} & (
	| { readonly kind: 'points'; readonly points: MetricPoints }
	| { readonly kind: 'cells'; readonly cells: EncodedCells }
);

/**
 * Chunks and the batches behind them in one statement, so that compaction cannot move points from the one to the other
 * in between; and the attempts, whose stretches were asked for by an earlier look at them. A chunk that lies in its stretch as a
 * whole comes as the coarsest of its cells that are not wider than wanted, and of its value no more is read than they take; a
 * chunk that $9 names comes as points. No name: the plan is made for these experiments, and other partitions are not
 * touched. So half of what a short answer takes is planning, and each join that is spared is felt. No order: a sort would write
 * the cells to disk.
 */
const pieces: Statement = {
	name: '',
	text: `
		SELECT 'chunk' AS kind, at, attempt, chunk.position AS place, chunk.count, chunk.min_step AS "minStep",
			chunk.max_step AS "maxStep",
			CASE WHEN depth > 0 THEN substring(chunk.cells FROM coalesce(level_ends[depth - 1], 0) + 1
				FOR level_ends[depth] - coalesce(level_ends[depth - 1], 0)) END AS cells,
			CASE WHEN depth = 0 THEN chunk.steps END AS steps, CASE WHEN depth = 0 THEN chunk.times END AS times,
			CASE WHEN depth = 0 THEN chunk.values END AS body
		FROM unnest($3::uuid[], $4::text[], $5::integer[], $6::bigint[], $7::bigint[], $8::smallint[])
				WITH ORDINALITY AS stretch (run_id, key, attempt, first, last, level, at)
			JOIN metric_chunk AS chunk USING (run_id, key, attempt)
			CROSS JOIN LATERAL (SELECT CASE
				WHEN chunk.min_step < first OR chunk.max_step > last OR (cardinality($9::text[]) > 0
					AND concat_ws(' ', run_id, attempt, chunk.position, key) = ANY($9::text[])) THEN 0
				ELSE coalesce(width_bucket(level, chunk.levels), 0) END AS depth) AS choice
		WHERE chunk.experiment_id = ANY($1::uuid[]) AND chunk.max_step >= first AND chunk.min_step <= last
		UNION ALL
		SELECT 'batch', array_position($2::uuid[], run_id), attempt, sequence, points, null, null, null, null, null, body
		FROM metric_batch WHERE experiment_id = ANY($1::uuid[]) AND run_id = ANY($2::uuid[])
		UNION ALL
		SELECT 'attempt', array_position($2::uuid[], run_id), number, resumed_from_step, null, last_metric_sequence, null, null,
			null, null, null
		FROM attempt WHERE run_id = ANY($2::uuid[])`,
};

interface Row {
	/** Of a chunk, of which stretch it is; of the others, of which run; from 1. */
	readonly at: number;
	readonly attempt: number;
}
interface ChunkRow extends Row {
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
interface BatchRow extends Row {
	readonly kind: 'batch';
	readonly place: number;
	readonly body: Buffer;
}
interface AttemptRow extends Row {
	readonly kind: 'attempt';
	/** The step that it resumed from. */
	readonly place: number | null;
	/** The sequence of its newest batch. */
	readonly minStep: number;
}

export interface PieceOptions {
	/** Names of chunks that have to come as points. */
	readonly asPoints?: readonly string[];
	/** As the record stood before the attempt after this one; null: as it stands. */
	readonly attempt?: number | null;
	/** What is known of the runs' attempts, so that nobody has to ask; what has changed since is noticed. */
	readonly records?: ReadonlyMap<string, RunRecord>;
}

export interface Pieces {
	/** Of each of `wanted`, in the same order. */
	readonly pieces: readonly (readonly Piece[])[];
	/** The version of each run's record that they were read at. */
	readonly versions: ReadonlyMap<string, string>;
}

export async function readPieces(
	session: Session,
	wanted: readonly Wanted[],
	{ asPoints = [], attempt = null, records }: PieceOptions = {},
): Promise<Pieces> {
	const runIds = [...new Set(wanted.map(({ runId }) => runId))];
	const [experiments, known] = await Promise.all([
		findExperimentsOfRuns(session, runIds),
		records ?? findRunRecords(session, runIds),
	]);
	const partitions = [...new Set(experiments.values())];
	let attempts: readonly (readonly RecordAttempt[])[] = runIds.map((runId) => known.get(runId)?.attempts ?? []);
	for (;;) {
		const ranges = attempts.map((ofRun) => rangesOf(ofRun, attempt));
		const stretches = stretchesOf(wanted, new Map(runIds.map((runId, at) => [runId, ranges[at] ?? EMPTY])));
		const rows = await session.query<ChunkRow | BatchRow | AttemptRow>(pieces, [
			...[partitions, runIds, stretches.map(({ series }) => series.runId), stretches.map(({ series }) => series.key)],
			...[stretches.map((one) => one.attempt), stretches.map(({ first }) => first), stretches.map(({ last }) => last)],
			...[stretches.map(({ series }) => series.level), asPoints],
		]);
		const now = attemptsOf(rows, runIds.length);
		if (nameOf(now) === nameOf(attempts)) {
			const versions = new Map(runIds.map((runId, at) => [runId, versionOf(now[at] ?? [])]));
			return { pieces: await piecesOf(rows, { wanted, runIds, ranges, stretches }), versions };
		}
		// An attempt has begun since, and may have superseded what was asked for.
		attempts = now;
	}
}

/** Of each attempt that counts, up to which step. */
type Ranges = ReadonlyMap<number, number>;
const EMPTY: Ranges = new Map();

function rangesOf(attempts: readonly RecordAttempt[], last: number | null): Ranges {
	const some = last === null ? attempts : attempts.filter(({ number }) => number <= last);
	return new Map(visibleRanges(some).map(({ attempt, lastStep }) => [attempt, lastStep]));
}

/** What is wanted of a series of one attempt. */
interface Stretch {
	readonly series: Wanted;
	readonly attempt: number;
	readonly first: number;
	readonly last: number;
}

function stretchesOf(wanted: readonly Wanted[], ranges: ReadonlyMap<string, Ranges>): Stretch[] {
	return wanted.flatMap((series) => {
		const first = Math.max(Math.ceil(series.from), EVERY_STEP.from);
		return [...(ranges.get(series.runId) ?? EMPTY)].flatMap(([attempt, lastStep]) => {
			const last = Math.min(Math.floor(series.to), lastStep, EVERY_STEP.to);
			return first <= last ? [{ series, attempt, first, last }] : [];
		});
	});
}

function attemptsOf(rows: readonly (ChunkRow | BatchRow | AttemptRow)[], runs: number): LoggedAttempt[][] {
	const attempts = Array.from({ length: runs }, (): LoggedAttempt[] => []);
	for (const row of rows) {
		if (row.kind !== 'attempt') continue;
		const { at, attempt, place, minStep } = row;
		attempts[at - 1]?.push({ number: attempt, resumedFromStep: place, lastSequence: minStep });
	}
	return attempts.map((ofRun) => ofRun.sort((a, b) => a.number - b.number));
}

const nameOf = (attempts: readonly (readonly RecordAttempt[])[]): string =>
	attempts.map((ofRun) => ofRun.map((one) => `${one.number}:${one.resumedFromStep}`).join()).join(' ');

interface Asked {
	readonly wanted: readonly Wanted[];
	readonly runIds: readonly string[];
	/** Of each run. */
	readonly ranges: readonly Ranges[];
	readonly stretches: readonly Stretch[];
}

async function piecesOf(
	rows: readonly (ChunkRow | BatchRow | AttemptRow)[],
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
	for (const row of rows.filter((one) => one.kind !== 'attempt').sort(byArrival)) {
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
