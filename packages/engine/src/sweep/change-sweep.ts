import { findRunIdsOfSweep, lockRuns, NOW, type RunPatch, updateRun } from '@graft/database/run';
import { findSweep, lockSweep, setSweepStatus } from '@graft/database/sweep';
import { type Conflict, conflict, type NotFound, notFound } from '@graft/domain/error';
import type { Run, RunStatus } from '@graft/domain/run';
import type { Sweep } from '@graft/domain/sweep';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import { settleSweep } from '../lease/settle.js';

export type SweepTarget = 'PAUSED' | 'RUNNING' | 'STOPPED';

/** From which status a sweep may go there, which of its trials go along, and how. Running trials finish. */
const RULES: Readonly<
	Record<
		SweepTarget,
		{ readonly from: readonly string[]; readonly trials: readonly RunStatus[]; readonly patch: RunPatch }
	>
> = {
	PAUSED: { from: ['RUNNING'], trials: ['QUEUED'], patch: { status: 'PAUSED', retryAt: null } },
	RUNNING: { from: ['PAUSED'], trials: ['PAUSED'], patch: { status: 'QUEUED' } },
	STOPPED: {
		from: ['RUNNING', 'PAUSED'],
		trials: ['QUEUED', 'PAUSED'],
		patch: { status: 'CANCELLED', finishedAt: NOW, cancelRequestedAt: NOW, retryAt: null },
	},
};

/** Pause, resume or stop: what is queued waits, goes on, or is cancelled. */
export async function changeSweep(context: Context, id: string, to: SweepTarget): Promise<Sweep | NotFound | Conflict> {
	if (!isId(id)) return notFound('sweep', id);
	const { from, trials, patch } = RULES[to];
	const result = await context.database.transaction(async (session) => {
		// Runs before the sweep, as everywhere; a trial that was leased meanwhile is RUNNING and stays out.
		const rows = await lockRuns(session, await findRunIdsOfSweep(session, id, trials));
		const status = await lockSweep(session, id);
		if (status === null) return notFound('sweep', id);
		if (!from.includes(status))
			return conflict(`The sweep is ${status}; it can be ${to} from ${from.join(' or ')} only.`);
		await setSweepStatus(session, id, to);
		const changed: Run[] = [];
		for (const row of rows) if (trials.includes(row.status)) changed.push(await updateRun(session, row.id, patch));
		if (to === 'RUNNING') await settleSweep(session, id);
		return { changed, sweep: await findSweep(session, id) };
	});
	if ('kind' in result) return result;
	const queue = to === 'RUNNING' ? [topics.queue] : [];
	context.announce([topics.sweep(id), ...topicsOfRuns(result.changed), ...queue]);
	return result.sweep ?? notFound('sweep', id);
}
