import type { MetricPoints } from '@graft/domain/metric';
import type { Session } from '../connection/index.js';
import { joinPoints } from './join-points.js';
import { readPieces } from './read-pieces.sql.js';
import { EVERY_STEP, type Wanted } from './stretches.js';

/**
 * The points that count (superseded ones left out) in order of arrival, by run and key; series without points are absent.
 * `attempt`: as the record stood before the attempt after this one; null: as it stands.
 */
export async function readSeries(
	session: Session,
	runIds: readonly string[],
	keys: readonly string[],
	attempt: number | null = null,
): Promise<ReadonlyMap<string, ReadonlyMap<string, MetricPoints>>> {
	const wanted = runIds.flatMap((runId) => keys.map((key) => ({ runId, key, level: -1, ...EVERY_STEP })));
	const { pieces: found } = await readPieces(session, wanted, { attempt });
	const byRun = new Map<string, Map<string, MetricPoints>>();
	for (const [at, pieces] of found.entries()) {
		if (pieces.length === 0) continue;
		const { runId, key } = wanted[at] as Wanted;
		const ofRun = byRun.get(runId) ?? new Map<string, MetricPoints>();
		byRun.set(
			runId,
			ofRun.set(key, joinPoints(pieces.flatMap((piece) => (piece.kind === 'points' ? [piece.points] : [])))),
		);
	}
	return byRun;
}
