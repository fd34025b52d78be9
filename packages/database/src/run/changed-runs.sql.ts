import type { Run } from '@graft/domain/run';
import type { Session, Statement } from '../connection/index.js';
import type { RunEntity } from './run.entity.js';
import { RUN_COLUMNS, toRun } from './run-row.js';

/**
 * A place in the order of changes. Transactions get their numbers when they begin to write, and commit in another order:
 * a reader that only kept the highest number seen would miss a slow transaction with a lower one. So a position is
 * `floor` (every transaction below it has ended, and all its changes were delivered) and the few transactions at or
 * above it that were delivered already: wholly (`upTo` null) or up to a run, when one transaction changed many runs.
 */
export interface ChangePosition {
	readonly floor: number;
	readonly delivered: readonly { readonly xid: number; readonly upTo: string | null }[];
}

export interface ChangeScope {
	readonly experimentId: string | null;
	readonly runIds: readonly string[] | null;
}

/** `xmin`: every transaction below has ended; `xmax`: the first number that was not given out yet. One snapshot for all. */
const snapshot = `
	SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS xmin,
		pg_snapshot_xmax(pg_current_snapshot())::text::bigint AS xmax`;

const changed: Statement = {
	name: 'changed-runs',
	text: `
		WITH snapshot AS (${snapshot})
		SELECT snapshot.xmin, snapshot.xmax, changed.*
		FROM snapshot LEFT JOIN LATERAL (
			SELECT ${RUN_COLUMNS} FROM run
			WHERE changed_xid >= $1
				AND ($4::uuid IS NULL OR experiment_id = $4)
				AND ($5::uuid[] IS NULL OR id = ANY($5))
				AND NOT EXISTS (
					SELECT FROM unnest($2::bigint[], $3::uuid[]) AS seen (xid, up_to)
					WHERE seen.xid = changed_xid AND (seen.up_to IS NULL OR id <= seen.up_to)
				)
			ORDER BY changed_xid, id LIMIT $6
		) AS changed ON true`,
};

const now: Statement = { name: 'current-position', text: snapshot };

/** Behind everything that has ended by now. */
export async function currentPosition(session: Session): Promise<ChangePosition> {
	const [row] = await session.query<{ xmin: number }>(now);
	return { floor: row?.xmin ?? 0, delivered: [] };
}

export interface ChangedRun {
	readonly run: Run;
	/** Transaction of the change. */
	readonly xid: number;
	/** Where a reader stands that has got this change and all before it. */
	readonly position: ChangePosition;
}

/**
 * The next changes of the scope after a position, in a fixed order, at most `limit`; and the position behind them when
 * there are no more. Null: the position is not of this database (a restored copy), and the reader starts anew.
 */
export async function readChangedRuns(
	session: Session,
	{ experimentId, runIds }: ChangeScope,
	after: ChangePosition,
	limit: number,
): Promise<{ changes: readonly ChangedRun[]; position: ChangePosition } | null> {
	const xids = after.delivered.map(({ xid }) => xid);
	const upTo = after.delivered.map((entry) => entry.upTo);
	const rows = await session.query<RunEntity & { xmin: number; xmax: number }>(changed, [
		...[after.floor, xids, upTo, experimentId, runIds, limit],
	]);
	const [first] = rows;
	if (first === undefined || after.floor > first.xmax) return null;
	let position = after;
	const changes: ChangedRun[] = [];
	for (const row of rows) {
		// The LEFT JOIN answers one empty row when nothing changed.
		if (row.id === null) continue;
		position = advance(position, row, first.xmin);
		changes.push({ run: toRun(row), xid: row.changedXid, position });
	}
	if (changes.length < limit) position = complete(position, first.xmin);
	return { changes, position };
}

/** Rows come by transaction and then by id, so the transactions before this row's are delivered wholly. */
function advance(position: ChangePosition, row: RunEntity, xmin: number): ChangePosition {
	const floor = Math.max(position.floor, Math.min(xmin, row.changedXid));
	const others = position.delivered
		.filter(({ xid }) => xid >= floor && xid !== row.changedXid)
		// One that was half delivered and sorts before this row has nothing left in this snapshot.
		.map((entry) => (entry.xid < row.changedXid ? { xid: entry.xid, upTo: null } : entry));
	return { floor, delivered: [...others, { xid: row.changedXid, upTo: row.id }] };
}

/** Nothing more in this snapshot: what was delivered is delivered wholly, and what is below its xmin needs no entry. */
function complete(position: ChangePosition, xmin: number): ChangePosition {
	const floor = Math.max(position.floor, xmin);
	const delivered = position.delivered.filter(({ xid }) => xid >= floor).map(({ xid }) => ({ xid, upTo: null }));
	return { floor, delivered };
}
