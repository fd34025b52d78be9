import { findLatestArtifact } from '@graft/database/artifact';
import type { Session } from '@graft/database/connection';
import { insertRunEvent } from '@graft/database/event';
import { lockRuns, type RunEntity, toRun, updateRun } from '@graft/database/run';
import { type Artifact, RESUME_KIND } from '@graft/domain/artifact';
import { type Conflict, conflict, type InvalidInput, type NotFound, notFound } from '@graft/domain/error';
import { continueSpec, nextStatus, type Run, type RunSpec, whyNotContinued } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import { LARGEST_EPOCHS } from '../launch/plan-spec.js';
import { refuseNumber } from '../launch/whole-number.js';
import { mustGo, settleSweep } from '../lease/settle.js';

/**
 * Queues runs that have succeeded for so many epochs more, from the checkpoint of their end: with one more phase, which is
 * as the last one of their plan. All of them or none.
 */
export async function continueRuns(
	context: Context,
	ids: readonly string[],
	epochs: number,
): Promise<readonly Run[] | NotFound | Conflict | InvalidInput> {
	const refused = refuseNumber('epochs', epochs, 1, LARGEST_EPOCHS);
	if (refused !== null) return refused;
	const unknown = ids.find((id) => !isId(id));
	if (unknown !== undefined) return notFound('run', unknown);
	const result = await context.database.transaction(async (session) => {
		const rows = await lockRuns(session, ids);
		const missing = ids.find((id) => !rows.some((row) => row.id === id.toLowerCase()));
		if (missing !== undefined) return notFound('run', missing);
		const planned: Continued[] = [];
		for (const row of rows) {
			const one = await planOf(session, row, epochs);
			if ('kind' in one) return one;
			planned.push(one);
		}
		const runs: Run[] = [];
		for (const one of planned) runs.push(await queue(session, one, epochs));
		// Sweeps come last in the order of locks, and one by one in the order of their ids.
		const sweeps = new Set(runs.flatMap(({ sweepId }) => sweepId ?? []));
		for (const sweepId of [...sweeps].sort()) await settleSweep(session, sweepId);
		return runs;
	});
	if ('kind' in result) return result;
	context.announce([...topicsOfRuns(result), topics.queue]);
	return result;
}

interface Continued {
	readonly row: RunEntity;
	readonly spec: RunSpec;
	readonly from: Artifact;
}

async function planOf(session: Session, row: RunEntity, epochs: number): Promise<Continued | Conflict> {
	const refuse = (why: string) =>
		conflict(`Run ${row.name} (${row.id}) cannot be continued: ${why}. Nothing was changed.`);
	const { spec } = toRun(row);
	if (row.deletedAt !== null) return refuse('it is deleted; restore it first');
	if (nextStatus(row.status, 'continue') === null)
		return refuse(`it is ${row.status}, and only a run that has succeeded has an end to go on from`);
	if (spec === null) return refuse('a script trained it by itself');
	const why = whyNotContinued(spec);
	if (why !== null) return refuse(why);
	if (spec.epochs + epochs > LARGEST_EPOCHS) return refuse(`a run has ${LARGEST_EPOCHS} epochs at the most`);
	const from = await findLatestArtifact(session, row.id, RESUME_KIND);
	if (from === null) return refuse('the checkpoint of its end is not kept');
	return { row, spec, from };
}

async function queue(session: Session, { row, spec, from }: Continued, epochs: number): Promise<Run> {
	const { strategy: _strategy, seed: _seed, plan, ...stored } = continueSpec(spec, epochs);
	const run = await updateRun(session, row.id, {
		status: mustGo(row.status, 'continue'),
		spec: stored,
		freezePlan: plan,
		config: { ...row.config, epochs: stored.epochs },
		crashes: 0,
		finishedAt: null,
		verification: null,
		progress: null,
		// A cancel that came after the end.
		cancelRequestedAt: null,
	});
	await insertRunEvent(session, {
		runId: row.id,
		attempt: row.attempts,
		kind: 'continue',
		step: from.step,
		message: `The run is queued for ${epochs} more ${epochs === 1 ? 'epoch' : 'epochs'}, from step ${from.step}.`,
		data: { epochs },
	});
	return run;
}
