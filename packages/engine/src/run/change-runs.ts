import { findLiveAttempt } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { insertRunEvent } from '@graft/database/event';
import { findExperiments } from '@graft/database/experiment';
import { lockRuns, NOW, type RunEntity, type RunPatch, toRun, updateRun } from '@graft/database/run';
import { type Conflict, conflict, type NotFound, notFound } from '@graft/domain/error';
import { isTerminal, nextStatus, type Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import { settleSweep } from '../lease/settle.js';

export type RunChange = 'cancel' | 'retry' | 'pause' | 'resume' | 'delete' | 'restore';

/** All or none: an unknown id or a run that does not allow the change refuses the whole list. */
export async function changeRuns(
	context: Context,
	ids: readonly string[],
	change: RunChange,
): Promise<readonly Run[] | NotFound | Conflict> {
	const unknown = ids.find((id) => !isId(id));
	if (unknown !== undefined) return notFound('run', unknown);
	const result = await context.database.transaction(async (session) => {
		const rows = new Map((await lockRuns(session, ids)).map((row) => [row.id, row]));
		const missing = ids.find((id) => !rows.has(id.toLowerCase()));
		if (missing !== undefined) return notFound('run', missing);
		if (change === 'restore') {
			const experiments = await findExperiments(
				session,
				[...rows.values()].map((row) => row.experimentId),
			);
			const deleted = experiments.find(({ deletedAt }) => deletedAt !== null);
			if (deleted !== undefined)
				return conflict(`The experiment ${deleted.name} is in the trash: restore it first. Nothing was changed.`);
		}
		const changes: Planned[] = [];
		for (const row of rows.values()) {
			const planned = plan(row, change);
			if ('kind' in planned) return planned;
			changes.push({ row, ...planned });
		}
		return apply(session, changes, change);
	});
	if ('kind' in result) return result;
	const { runs, workers } = result;
	const queued = runs.some(({ status }) => status === 'QUEUED');
	context.announce([...topicsOfRuns(runs), ...workers.map(topics.worker), ...(queued ? [topics.queue] : [])]);
	const byId = new Map(runs.map((run) => [run.id, run]));
	return ids.flatMap((id) => byId.get(id.toLowerCase()) ?? []);
}

interface Decision {
	/** Null: the run is as it should be already. */
	readonly patch: RunPatch | null;
	readonly message: string;
}
type Planned = Decision & { readonly row: RunEntity };

async function apply(session: Session, changes: readonly Planned[], change: RunChange) {
	const runs: Run[] = [];
	const workers = new Set<string>();
	for (const { row, patch, message } of changes) {
		if (patch === null) {
			runs.push(toRun(row));
			continue;
		}
		runs.push(await updateRun(session, row.id, patch));
		await insertRunEvent(session, { runId: row.id, attempt: row.attempts, kind: change, message });
		const holder = row.status === 'RUNNING' ? await findLiveAttempt(session, row.id) : null;
		if (holder?.workerId != null) workers.add(holder.workerId);
	}
	// Sweeps come last in the order of locks, and one by one in the order of their ids.
	const sweeps = new Set(changes.flatMap(({ row }) => row.sweepId ?? []));
	for (const sweepId of [...sweeps].sort()) await settleSweep(session, sweepId);
	return { runs, workers: [...workers] };
}

function plan(row: RunEntity, change: RunChange): Decision | Conflict {
	if (row.deletedAt !== null && change !== 'restore') return refuse(row, 'it is deleted; restore it first');
	if (row.spec === null && (change === 'retry' || change === 'pause' || change === 'resume'))
		return refuse(row, `a script trains it by itself, and only the script could ${change} it`);
	return rules[change](row);
}

const refuse = (row: RunEntity, reason: string): Conflict =>
	conflict(`Run ${row.name} (${row.id}) does not allow this: ${reason}. Nothing was changed.`);
const notFrom = (row: RunEntity, change: RunChange) =>
	refuse(row, `it is ${row.status}, and cannot ${change} from there`);

const rules: Readonly<Record<RunChange, (row: RunEntity) => Decision | Conflict>> = {
	// A running run is its holder's: the request is noted, and the holder ends it.
	cancel: (row) => {
		const status = nextStatus(row.status, 'cancel');
		if (status === null) return notFrom(row, 'cancel');
		if (row.status !== 'RUNNING')
			return {
				patch: { status, finishedAt: NOW, cancelRequestedAt: NOW, retryAt: null },
				message: 'The run was cancelled.',
			};
		const patch: RunPatch | null = row.cancelRequestedAt === null ? { cancelRequestedAt: NOW } : null;
		return { patch, message: 'The trainer was asked to stop.' };
	},
	pause: (row) => {
		const status = nextStatus(row.status, 'pause');
		if (status === null) return notFrom(row, 'pause');
		if (row.status !== 'RUNNING') return { patch: { status, retryAt: null }, message: 'The run was paused.' };
		const patch: RunPatch | null = row.pauseRequestedAt === null ? { pauseRequestedAt: NOW } : null;
		return { patch, message: 'The trainer was asked to pause.' };
	},
	resume: (row) => {
		if (row.status === 'RUNNING' && row.pauseRequestedAt !== null)
			return { patch: { pauseRequestedAt: null }, message: 'The pause was called off.' };
		const status = nextStatus(row.status, 'resume');
		return status === null
			? notFrom(row, 'resume')
			: { patch: { status, crashes: 0 }, message: 'The run is queued again.' };
	},
	retry: (row) => {
		const status = nextStatus(row.status, 'retry');
		if (status === null) return notFrom(row, 'retry');
		const cleared = {
			failure: null,
			verification: null,
			progress: null,
			cancelRequestedAt: null,
			pauseRequestedAt: null,
		};
		return {
			patch: { status, crashes: 0, startedAt: null, finishedAt: null, ...cleared },
			message: 'The run is queued for another attempt.',
		};
	},
	delete: (row) =>
		row.status === 'RUNNING'
			? refuse(row, 'it is running; cancel it first')
			: { patch: { deletedAt: NOW }, message: 'The run was deleted.' },
	restore: (row) => ({
		patch: row.deletedAt === null ? null : { deletedAt: null },
		message: isTerminal(row.status) ? 'The run was restored.' : 'The run was restored to where it stood.',
	}),
};
