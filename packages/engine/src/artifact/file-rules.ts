import { countParts, DIGEST } from '@graft/domain/artifact';
import { type InvalidInput, invalidInput, type TooLarge, tooLarge } from '@graft/domain/error';
import type { ArtifactStore, UploadFile } from '../contract/artifact-store.js';

/** A checkpoint of a model with ten thousand million weights in float32. */
export const MAX_BYTES = 40 * 2 ** 30;

/** Refuses what cannot be the digest and the length of a file. */
export function refuseContent({ digest, bytes }: { digest: string; bytes: number }): InvalidInput | null {
	if (!DIGEST.test(digest))
		return invalidInput('digest', 'A digest is the sha256 of the file, 64 hexadecimal digits in lower case.');
	if (!Number.isSafeInteger(bytes) || bytes < 0)
		return invalidInput('bytes', `The length is a whole number of bytes, not ${bytes}.`);
	return null;
}

/** Refuses what no store takes: too much, or parts that are not those of the file. */
export function refuseUpload({ bytes, partDigests }: UploadFile): InvalidInput | TooLarge | null {
	if (bytes > MAX_BYTES) return tooLarge(`A file has ${MAX_BYTES} bytes at the most.`, MAX_BYTES);
	if (partDigests === null) return null;
	if (partDigests.length !== countParts(bytes))
		return invalidInput(
			'partDigests',
			`A file of ${bytes} bytes has ${countParts(bytes)} parts, and these are ${partDigests.length} digests.`,
		);
	return partDigests.every((digest) => DIGEST.test(digest))
		? null
		: invalidInput('partDigests', 'Each is the sha256 of a part, 64 hexadecimal digits in lower case.');
}

export const wrongSize = (stored: number, given: number): InvalidInput =>
	invalidInput('bytes', `The file of this digest has ${stored} bytes, not ${given}.`);

/** What is still to be sent of a file; null: the store has it. */
export async function missingParts(store: ArtifactStore, file: UploadFile) {
	const size = await store.size(file.digest);
	if (size !== null) return size === file.bytes ? null : wrongSize(size, file.bytes);
	return store.beginUpload(file);
}
