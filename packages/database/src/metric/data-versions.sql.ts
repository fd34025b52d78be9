import type { Session, Statement } from '../connection/index.js';

const versions: Statement = {
	name: 'metric-data-versions',
	text: `
		SELECT run_id AS "runId",
			string_agg(concat_ws(':', number, resumed_from_step, last_metric_sequence), ',' ORDER BY number) AS version
		FROM attempt WHERE run_id = ANY($1::uuid[]) GROUP BY run_id`,
};

/** A text for each run that changes whenever what its queries answer may: with each batch, attempt and resume. */
export async function findDataVersions(
	session: Session,
	runIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
	const rows = await session.query<{ runId: string; version: string }>(versions, [runIds]);
	return new Map(rows.map(({ runId, version }) => [runId, version]));
}
