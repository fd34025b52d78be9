import {
	dropArtifacts,
	dropOrphanBlobs,
	dropReplacedArtifacts,
	insertArtifact,
	insertFencedBlob,
} from '@graft/database/artifact';
import { findAttemptByToken } from '@graft/database/attempt';
import { settleCheckpoints } from '@graft/database/metric';
import { type Artifact, CHECKPOINT_KIND, RESUME_CHECKPOINTS_KEPT, RESUME_KIND } from '@graft/domain/artifact';
import { type InvalidInput, invalidInput, isRefusal, type TooLarge } from '@graft/domain/error';
import { type LeaseLost, leaseLost } from '@graft/domain/lease';
import { newId } from '@graft/runtime/id';
import type { Context } from '../context/context.js';
import { isId, refuseName } from '../context/storable.js';
import type { UploadPart } from '../contract/artifact-store.js';
import type { BeginArtifactInput, CommitArtifactInput } from '../contract/inputs.js';
import { lossOf } from '../lease/settle.js';
import { hashToken } from '../lease/token.js';
import { notUploaded } from './begin-upload.js';
import { missingParts, refuseContent, refuseUpload, wrongSize } from './file-rules.js';
import { forgetFiles } from './forget-files.js';

/** Announces a file: the answer says where its missing parts go, or that the store has it already. */
export async function beginArtifact(
	{ database, artifactStore }: Context,
	input: BeginArtifactInput,
): Promise<{ kind: 'ArtifactBegun'; parts: readonly UploadPart[] | null } | LeaseLost | InvalidInput | TooLarge> {
	const refused = refuseFile(input) ?? refuseUpload(input);
	if (refused !== null) return refused;
	const { lease } = input;
	const attempt = isId(lease.runId) ? await findAttemptByToken(database, lease.runId, hashToken(lease.token)) : null;
	if (attempt === null || attempt.endedAt !== null) return lossOf(database, lease);
	const parts = await missingParts(artifactStore, input);
	return isRefusal(parts) ? parts : { kind: 'ArtifactBegun', parts };
}

/**
 * The bytes are in the store with this digest: the artifact becomes part of the run. Again: the same artifact. It takes
 * the place of what an earlier attempt stored under its name, and a newer checkpoint to resume from that of the oldest.
 */
export async function commitArtifact(
	context: Context,
	input: CommitArtifactInput,
): Promise<Artifact | LeaseLost | InvalidInput> {
	const { database, artifactStore } = context;
	const refused = refuseFile(input);
	if (refused !== null) return refused;
	const { lease, name, kind, digest, bytes, step } = input;
	const { runId, token } = lease;
	if (!isId(runId)) return leaseLost(`There is no run ${runId}.`);
	const size = await artifactStore.size(digest);
	if (size === null) return notUploaded();
	if (size !== bytes) return wrongSize(size, bytes);
	const result = await database.transaction(async (session) => {
		// The attempt alone is locked: it cannot end between this and the commit.
		const number = await insertFencedBlob(session, runId, hashToken(token), { digest, bytes });
		if (number === null) return lossOf(session, lease);
		if ((await artifactStore.size(digest)) === null) {
			// They were given up between the look at them and here.
			await dropOrphanBlobs(session, [digest]);
			return notUploaded();
		}
		const file = { id: newId(), runId, attempt: number, name, kind, bytes, digest, step };
		const artifact = await insertArtifact(session, file);
		const dropped = await dropReplacedArtifacts(session, runId, name, number);
		if (kind === RESUME_KIND) {
			dropped.push(...(await dropArtifacts(session, runId, RESUME_KIND, RESUME_CHECKPOINTS_KEPT)));
		}
		if (kind === CHECKPOINT_KIND || dropped.length > 0) await settleCheckpoints(session, runId, number);
		return { artifact, dropped };
	});
	if (!('artifact' in result)) return result;
	await forgetFiles(context, result.dropped);
	return result.artifact;
}

function refuseFile({ name, kind, digest, bytes, step }: CommitArtifactInput): InvalidInput | null {
	const refused = refuseContent({ digest, bytes });
	if (refused !== null) return refused;
	if (step !== null && !(Number.isSafeInteger(step) && step >= 0))
		return invalidInput('step', `A step is a whole number from 0, not ${step}.`);
	if (kind === RESUME_KIND && step === null)
		return invalidInput('step', 'A checkpoint to resume from has a step: the points after it are superseded.');
	return refuseName(name) ?? refuseName(kind, 'kind');
}
