import { type Architecture, summarizeBackbone } from '@graft/domain/architecture';
import { GraftError, type InvalidInput, invalidInput } from '@graft/domain/error';
import { fitWeights, headerLength, LENGTH_BYTES, misfitMessage, parseHeader } from '@graft/domain/safetensors';
import type { ArtifactStore, OpenedArtifact } from '../contract/artifact-store.js';

/** Headers of the largest models that a backbone can be have a thousandth of it. */
const LARGEST_HEADER = 16 * 2 ** 20;
const FIELD = 'weightsDigest';

/**
 * Refuses a stored file that is not the weights of the architecture, by the header alone: the numbers behind it are not read.
 */
export async function refuseWeights(
	store: Pick<ArtifactStore, 'open'>,
	digest: string,
	architecture: Architecture,
	shape: readonly number[],
): Promise<InvalidInput | null> {
	const opened = await store.open(digest);
	if (opened === null) return invalidInput(FIELD, 'The artifact store does not hold this file. Upload it first.');
	try {
		const { begin, text } = await readHeader(opened);
		const { places } = parseHeader(text, opened.bytes - begin);
		const misfit = fitWeights(summarizeBackbone(architecture, shape).network.layers, places);
		return misfit === null ? null : invalidInput(FIELD, misfitMessage(architecture.name, misfit), 'WRONG_WEIGHTS');
	} catch (error) {
		if (!(error instanceof GraftError) || error.code !== 'DATA') throw error;
		return invalidInput(FIELD, `${error.message} Weights are a safetensors file as graft backbone import makes it.`);
	}
}

async function readHeader({ stream, bytes }: OpenedArtifact): Promise<{ begin: number; text: string }> {
	const parts: Uint8Array[] = [];
	let read = 0;
	let begin: number | null = null;
	// Leaving the loop ends the stream.
	for await (const part of stream as AsyncIterable<Uint8Array>) {
		parts.push(part);
		read += part.length;
		if (begin === null && read >= LENGTH_BYTES) {
			begin = LENGTH_BYTES + headerLength(Buffer.concat(parts), bytes, LARGEST_HEADER);
		}
		if (begin !== null && read >= begin) break;
	}
	begin ??= LENGTH_BYTES + headerLength(Buffer.concat(parts), bytes, LARGEST_HEADER);
	const header = Buffer.concat(parts).subarray(LENGTH_BYTES, begin);
	try {
		return { begin, text: new TextDecoder('utf-8', { fatal: true }).decode(header) };
	} catch (cause) {
		throw new GraftError('DATA', 'The safetensors header is not JSON.', {}, { cause });
	}
}
