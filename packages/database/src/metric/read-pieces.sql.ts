import type { Session, Statement } from '../connection/index.js';
import { findExperimentsOfRuns } from './find-experiments-of-runs.sql.js';
import { type BatchRow, type ChunkRow, type Piece, piecesOf, type Row } from './pieces.js';
import {
	findRunRecords,
	type LoggedAttempt,
	type RecordAttempt,
	type RunRecord,
	versionOf,
} from './run-records.sql.js';
import { type Ranges, rangesOf, stretchesOf, type Wanted } from './stretches.js';

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

/** What is stored of the series, at one moment; superseded points left out. Asks again where an attempt has begun since the records. */
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
		const stretches = stretchesOf(wanted, new Map(runIds.map((runId, at) => [runId, ranges[at] as Ranges])));
		const rows = await session.query<ChunkRow | BatchRow | AttemptRow>(pieces, [
			...[partitions, runIds, stretches.map(({ series }) => series.runId), stretches.map(({ series }) => series.key)],
			...[stretches.map((one) => one.attempt), stretches.map(({ first }) => first), stretches.map(({ last }) => last)],
			...[stretches.map(({ series }) => series.level), asPoints],
		]);
		const now = attemptsOf(
			rows.filter((row) => row.kind === 'attempt'),
			runIds.length,
		);
		if (nameOf(now) === nameOf(attempts)) {
			const stored = rows.filter((row) => row.kind !== 'attempt');
			const versions = new Map(runIds.map((runId, at) => [runId, versionOf(now[at] ?? [])]));
			return { pieces: await piecesOf(stored, { wanted, runIds, ranges, stretches }), versions };
		}
		// An attempt has begun since, and may have superseded what was asked for.
		attempts = now;
	}
}

function attemptsOf(rows: readonly AttemptRow[], runs: number): LoggedAttempt[][] {
	const attempts = Array.from({ length: runs }, (): LoggedAttempt[] => []);
	for (const { at, attempt, place, minStep } of rows)
		attempts[at - 1]?.push({ number: attempt, resumedFromStep: place, lastSequence: minStep });
	return attempts.map((ofRun) => ofRun.sort((a, b) => a.number - b.number));
}

const nameOf = (attempts: readonly (readonly RecordAttempt[])[]): string =>
	attempts.map((ofRun) => ofRun.map((one) => `${one.number}:${one.resumedFromStep}`).join()).join(' ');
