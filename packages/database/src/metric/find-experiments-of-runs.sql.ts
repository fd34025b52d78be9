import type { Session, Statement } from '../connection/index.js';

const find: Statement = {
	name: 'experiments-of-runs',
	text: 'SELECT id, experiment_id AS "experimentId" FROM run WHERE id = ANY($1::uuid[])',
};

/** A run never changes its experiment, and every query has to name it: partitions that it does not name are left out. */
const known = new Map<string, string>();
const KNOWN_AT_MOST = 100_000;

/** The experiment of each run; unknown ids are absent. */
export async function findExperimentsOfRuns(
	session: Session,
	runIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
	const missing = runIds.filter((id) => !known.has(id));
	if (missing.length > 0) {
		if (known.size > KNOWN_AT_MOST) known.clear();
		const rows = await session.query<{ id: string; experimentId: string }>(find, [missing]);
		for (const { id, experimentId } of rows) known.set(id, experimentId);
	}
	return new Map(
		runIds.flatMap((id) => {
			const experimentId = known.get(id);
			return experimentId === undefined ? [] : [[id, experimentId]];
		}),
	);
}
