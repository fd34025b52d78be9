import { readFile, rm } from 'node:fs/promises';
import { RegisterBackboneDocument } from '@graft/client/gql';
import { type GraftClient, uploadFile, uploadStoredFile } from '@graft/client/node';
import { accepted } from '../api/accepted.js';
import type { BroughtWeights } from './bring-weights.js';

export interface BackboneNaming {
	readonly name: string;
	readonly source: string | null;
	readonly licence: string | null;
	readonly inputShape: readonly number[] | null;
}

/** Uploads a backbone's files and registers it; the files here are gone afterwards, whatever the API says. */
export async function registerWeights(
	client: GraftClient,
	weights: BroughtWeights,
	naming: BackboneNaming,
	onUpload: (done: number, total: number) => void,
): Promise<{ readonly id: string; readonly name: string }> {
	const { file, tokenizer, digest, bytes, architecture } = weights;
	try {
		await uploadStoredFile(client, { file, digest, onSent: (done) => onUpload(done, bytes) });
		onUpload(bytes, bytes);
		const tokenizerDigest = tokenizer === null ? null : await uploadFile(client, await readFile(tokenizer));
		const { registerBackbone } = await client.request(RegisterBackboneDocument, {
			input: {
				name: naming.name,
				architecture,
				inputShape: naming.inputShape === null ? null : [...naming.inputShape],
				source: naming.source ?? weights.source,
				licence: naming.licence ?? weights.licence,
				weightsDigest: digest,
				tokenizerDigest,
			},
		});
		return accepted(registerBackbone, 'BackboneRegistered').backbone;
	} finally {
		await rm(file, { force: true });
		if (tokenizer !== null) await rm(tokenizer, { force: true });
	}
}
