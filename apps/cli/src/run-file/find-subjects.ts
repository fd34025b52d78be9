import path from 'node:path';
import {
	BackboneByNameDocument,
	type BackboneByNameQuery,
	DatasetByNameDocument,
	type DatasetByNameQuery,
} from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import { withTokenizerOf } from '../dataset/backbone-tokenizer.js';
import { locate } from '../dataset/locate.js';
import { haveDataset } from '../demo/prepare.js';
import { inspectDataset } from '../platform/inspect-dataset.js';
import type { RunFile } from './run-file.js';

export type FoundDataset = NonNullable<DatasetByNameQuery['dataset']>;

/** @throws GraftError CONFIGURATION where there is no such backbone, or it is of another architecture than the file says. */
export async function requireBackbone(client: GraftClient, name: string, { backbone: wanted }: RunFile, place: string) {
	const { backbone } = await client.request(BackboneByNameDocument, { name });
	if (backbone === null) {
		throw new GraftError('CONFIGURATION', `There is no backbone "${name}". The dashboard lists them all.`);
	}
	const { architecture } = backbone;
	if (architecture.name !== wanted.architecture) {
		const message = `${place}: the file is for ${wanted.architecture}, and the backbone ${name} is a ${architecture.name}.`;
		throw new GraftError('CONFIGURATION', message);
	}
	return backbone;
}

/** Registered data by their name; else those at a path or an address, which are registered as the file says. */
export async function findData(
	client: GraftClient,
	nameOrPlace: string,
	{ data: { format, options } }: RunFile,
	backbone: NonNullable<BackboneByNameQuery['backbone']>,
	say: (line: string) => void,
): Promise<FoundDataset> {
	const { dataset } = await client.request(DatasetByNameDocument, { name: nameOrPlace });
	if (dataset !== null) {
		say(`Data: ${dataset.name}, as it is registered; what the file says of data does not count.`);
		return dataset;
	}
	const { uri } = locate(nameOrPlace);
	say(`Reading ${uri} as ${format} …`);
	const inspect = (tokenizer?: string) => inspectDataset({ uri, format, options, tokenizer });
	// Texts are counted in the tokens that they will be read as.
	const hasTokens = format.endsWith('-text') && backbone.input.tokenizer != null;
	const inspected = await (hasTokens ? withTokenizerOf(client, backbone.name, inspect) : inspect());
	const name = path.parse(new URL(uri).pathname).name;
	const { id } = await haveDataset(client, { name: decodeURIComponent(name), uri, format, options }, inspected);
	const examples = inspected.splits.map((split) => `${split.examples} ${split.name}`).join(', ');
	say(`Data: ${examples}${inspected.classes ? ` in ${inspected.classes.length} classes` : ''}.`);
	const { modality, task, version } = inspected;
	const splits = inspected.splits.map((split) => ({ name: split.name, examples: split.examples }));
	return { id, name, version, modality, task, classes: inspected.classes && [...inspected.classes], splits };
}
