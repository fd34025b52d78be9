import { type InvalidInput, invalidInput } from '@graft/domain/error';

export const DIGEST = /^[0-9a-f]{64}$/;
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

export const wrongSize = (stored: number, given: number): InvalidInput =>
	invalidInput('bytes', `The file of this digest has ${stored} bytes, not ${given}.`);
