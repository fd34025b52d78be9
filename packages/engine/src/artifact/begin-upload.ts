import { type InvalidInput, type TooLarge, tooLarge } from '@graft/domain/error';
import type { Context } from '../context/context.js';
import { MAX_BYTES, refuseContent, wrongSize } from './file-rules.js';

/**
 * Announces bytes that belong to no run: weights and tokenizers that come from elsewhere, before registerBackbone names
 * them by their digest. The answer says where they go, or that the store has them already.
 */
export async function beginUpload(
	{ artifactStore }: Context,
	{ digest, bytes }: { readonly digest: string; readonly bytes: number },
): Promise<{ kind: 'UploadBegun'; uploadPath: string | null } | InvalidInput | TooLarge> {
	const refused = refuseContent({ digest, bytes });
	if (refused !== null) return refused;
	if (bytes > MAX_BYTES) return tooLarge(`A file has ${MAX_BYTES} bytes at the most.`, MAX_BYTES);
	const size = await artifactStore.size(digest);
	if (size !== null && size !== bytes) return wrongSize(size, bytes);
	return { kind: 'UploadBegun', uploadPath: size === null ? artifactStore.uploadPath({ digest, bytes }) : null };
}
