import { type ChangePosition, currentPosition, readChangedRuns } from '@graft/database/run';
import type { Context } from '../context/context.js';
import { onlyIds } from '../context/storable.js';
import { topics } from '../context/topics.js';
import type { RunUpdate } from '../contract/inputs.js';
import { decodeChangeCursor, encodeChangeCursor } from './change-cursor.js';
import { createChangeMemory } from './changed-fields.js';
import { pull } from './pull.js';

export interface RunUpdatesQuery {
	readonly experimentId: string | null;
	readonly runIds: readonly string[] | null;
	readonly after: string | null;
}

const RUNS_PER_READ = 100;

/**
 * Changes of the runs of an experiment, of a list, or of all. Without a cursor it begins with every run of the scope as
 * it stands (deleted ones left out); for the scope of all runs it begins with what comes next. A run that changed several
 * times since it was last read is one frame, its newest state.
 */
export function runUpdates(
	context: Context,
	query: RunUpdatesQuery,
	signal: AbortSignal,
): AsyncIterableIterator<RunUpdate> {
	const scope = {
		experimentId: query.experimentId === null ? null : (onlyIds([query.experimentId])[0] ?? NO_RUN),
		runIds: query.runIds === null ? null : onlyIds(query.runIds),
	};
	const changedFields = createChangeMemory();
	let start: ChangePosition | null = null;
	let position: ChangePosition = EVERYTHING;
	return pull(context.hub, topicsOf(scope), signal, async function* () {
		if (start === null) {
			start = await currentPosition(context.database);
			position = startOf(query, start);
		}
		for (let more = true; more; ) {
			const read = await readChangedRuns(context.database, scope, position, RUNS_PER_READ);
			// The cursor is of another database (a restored copy): begin anew.
			if (read === null) position = EVERYTHING;
			for (const { run, xid, position: behind } of read?.changes ?? []) {
				position = behind;
				const changed = changedFields(run);
				const goneBefore = query.after === null && run.deletedAt !== null && xid < start.floor;
				if (goneBefore || changed.length === 0) continue;
				yield { cursor: encodeChangeCursor(position), run, changed };
			}
			position = read?.position ?? position;
			more = read === null || read.changes.length === RUNS_PER_READ;
		}
	});
}

const EVERYTHING: ChangePosition = { floor: 0, delivered: [] };
/** The scope of an id that cannot exist: no run has it, and the stream stays open without frames. */
const NO_RUN = '00000000-0000-0000-0000-000000000000';

function startOf({ after, experimentId, runIds }: RunUpdatesQuery, now: ChangePosition): ChangePosition {
	if (after !== null) return decodeChangeCursor(after) ?? EVERYTHING;
	return experimentId === null && runIds === null ? now : EVERYTHING;
}

function topicsOf(scope: { experimentId: string | null; runIds: readonly string[] | null }): string[] {
	if (scope.runIds !== null) return scope.runIds.map(topics.run);
	return [scope.experimentId === null ? topics.everyRun : topics.experiment(scope.experimentId)];
}
