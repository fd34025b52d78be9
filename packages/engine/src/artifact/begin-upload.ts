import { GraftError, type InvalidInput, invalidInput, isRefusal, type TooLarge } from '@graft/domain/error';
import type { Context } from '../context/context.js';
import type { ArtifactFile, UploadFile, UploadPart } from '../contract/artifact-store.js';
import { missingParts, refuseContent, refuseUpload, wrongSize } from './file-rules.js';

/**
 * Announces bytes that belong to no run: weights and tokenizers that come from elsewhere, before registerBackbone names
 * them by their digest. The answer says where they go, or that the store has them already.
 */
export async function beginUpload(
	{ artifactStore }: Context,
	file: UploadFile,
): Promise<{ kind: 'UploadBegun'; parts: readonly UploadPart[] | null } | InvalidInput | TooLarge> {
	const refused = refuseContent(file) ?? refuseUpload(file);
	if (refused !== null) return refused;
	const parts = await missingParts(artifactStore, file);
	return isRefusal(parts) ? parts : { kind: 'UploadBegun', parts };
}

/** All bytes were sent: the store checks them, and holds the file from here on. Again: the same answer. */
export async function finishUpload(
	{ artifactStore }: Context,
	file: ArtifactFile,
): Promise<{ kind: 'UploadFinished' } | InvalidInput> {
	const refused = refuseContent(file);
	if (refused !== null) return refused;
	const size = await artifactStore.size(file.digest);
	if (size !== null) return size === file.bytes ? { kind: 'UploadFinished' } : wrongSize(size, file.bytes);
	try {
		return (await artifactStore.finishUpload(file)) ? { kind: 'UploadFinished' } : notUploaded();
	} catch (error) {
		if (!(error instanceof GraftError && error.code === 'DATA')) throw error;
		return invalidInput('digest', error.message, 'WRONG_BYTES');
	}
}

export const notUploaded = (): InvalidInput =>
	invalidInput(
		'digest',
		'The store does not hold all of these bytes: send what beginArtifact or beginUpload still asks for, then finishUpload.',
		'NOT_UPLOADED',
	);
