import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { BackboneByNameDocument, BackboneTokenizersDocument } from '@graft/client/gql';
import { downloadArtifact, type GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';

/**
 * Lends a registered backbone's tokenizer to `use` as a file, which is gone afterwards.
 * @throws GraftError CONFIGURATION where there is no such backbone, or it has none.
 */
export async function withTokenizerOf<T>(
	client: GraftClient,
	name: string,
	use: (file: string) => Promise<T>,
): Promise<T> {
	const { backbone } = await client.request(BackboneByNameDocument, { name });
	if (backbone === null) {
		throw new GraftError('CONFIGURATION', `There is no backbone "${name}". The dashboard lists them all.`);
	}
	const digest = backbone.input.tokenizer;
	if (digest == null) {
		throw new GraftError('CONFIGURATION', `The backbone ${name} has no tokenizer: name one with --tokenizer.`);
	}
	const folder = await mkdtemp(path.join(tmpdir(), 'graft-tokenizer-'));
	try {
		const file = path.join(folder, 'tokenizer.json');
		await writeFile(file, await downloadArtifact(client, digest));
		return await use(file);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** Name of the newest backbone that says what tokens are; null where none of the last 50 does. */
export async function newestWithTokenizer(client: GraftClient): Promise<string | null> {
	const { backbones } = await client.request(BackboneTokenizersDocument, {});
	return backbones.nodes.find(({ input }) => input.tokenizer != null)?.name ?? null;
}
