import { dropArtifactsByDigest, findLatestArtifact } from '@graft/database/artifact';
import { setResumedFromStep } from '@graft/database/attempt';
import { insertRunEvent } from '@graft/database/event';
import { carryOverSummaries } from '@graft/database/metric';
import { toRun } from '@graft/database/run';
import { RESUME_KIND } from '@graft/domain/artifact';
import { invalidInput } from '@graft/domain/error';
import type { LeaseProof } from '@graft/domain/lease';
import { forgetFiles } from '../artifact/forget-files.js';
import type { Context } from '../context/context.js';
import { toStorableText } from '../context/storable.js';
import { topics, topicsOfRuns } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import { lockHolder, whyLost } from './settle.js';
import { hashToken } from './token.js';

/**
 * The holder cannot go on from the checkpoint that it was given: it is dropped, and the attempt goes on from the one before
 * it, or begins anew where there is none. Only before the attempt's first point: after it the step that it resumed from is
 * what its points are read by. Asked again, the answer is the same.
 */
export async function refuseCheckpoint(
	context: Context,
	proof: LeaseProof,
	digest: string,
	reason: string,
): ReturnType<Engine['refuseCheckpoint']> {
	const result = await context.database.transaction(async (session) => {
		const holder = await lockHolder(session, proof);
		if ('kind' in holder) return holder;
		const { run, attempt } = holder;
		if (attempt.endedAt !== null) return whyLost(attempt);
		const before = await findLatestArtifact(session, run.id, RESUME_KIND);
		if (before?.digest !== digest) return { run: toRun(run), resumeFrom: before };
		if (attempt.lastMetricSequence > 0)
			return invalidInput('digest', 'This attempt has logged points already: what it resumed from is settled.');
		await dropArtifactsByDigest(session, run.id, RESUME_KIND, digest);
		const resumeFrom = await findLatestArtifact(session, run.id, RESUME_KIND);
		const step = resumeFrom?.step ?? null;
		await setResumedFromStep(session, run.id, hashToken(proof.token), step);
		await carryOverSummaries(session, run.id, attempt.number, step);
		const instead = step === null ? 'the run begins anew' : `the one of step ${step} is used`;
		await insertRunEvent(session, {
			runId: run.id,
			attempt: attempt.number,
			kind: 'CHECKPOINT_REFUSED',
			step: before.step,
			message: `The checkpoint of step ${before.step} is of no use, ${instead}: ${toStorableText(reason)}`,
			data: { digest, resumedFromStep: step },
		});
		return { run: toRun(run), resumeFrom };
	});
	if ('kind' in result) return result;
	const { run, resumeFrom } = result;
	context.announce([...topicsOfRuns([run]), topics.metrics(run.id)]);
	await forgetFiles(context, [digest]);
	return { kind: 'CheckpointRefused', resumeFrom };
}
