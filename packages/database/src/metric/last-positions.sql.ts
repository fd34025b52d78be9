import type { Session, Statement } from '../connection/index.js';
import type { BatchPosition } from './batch-range.js';

const last: Statement = {
	name: 'last-metric-positions',
	text: `
		SELECT DISTINCT ON (run_id) run_id AS "runId", number AS attempt, last_metric_sequence AS sequence
		FROM attempt WHERE run_id = ANY($1::uuid[]) ORDER BY run_id, number DESC`,
};

/** Where the record of each run ends now; runs that nobody has leased yet are absent. */
export async function findLastPositions(
	session: Session,
	runIds: readonly string[],
): Promise<ReadonlyMap<string, BatchPosition>> {
	const rows = await session.query<{ runId: string } & BatchPosition>(last, [runIds]);
	return new Map(rows.map(({ runId, attempt, sequence }) => [runId, { attempt, sequence }]));
}
