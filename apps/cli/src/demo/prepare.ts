import {
	BackboneByNameDocument,
	CreateExperimentDocument,
	type CreateExperimentInput,
	DatasetByNameDocument,
	FindExperimentDocument,
	RegisterBackboneDocument,
} from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { accepted } from '../api/accepted.js';
import { registerDataset } from '../dataset/register-dataset.js';
import type { DatasetSource, InspectedDataset } from '../platform/inspect-dataset.js';

export interface Named {
	readonly id: string;
	readonly name: string;
}

/** The data set under its name; other bytes or options under a taken name get a name with their version. */
export async function haveDataset(
	client: GraftClient,
	source: DatasetSource & { readonly name: string },
	inspected: InspectedDataset,
): Promise<Named & { readonly version: string }> {
	for (const name of [source.name, `${source.name}-${inspected.version.slice(0, 8)}`]) {
		const { dataset } = await client.request(DatasetByNameDocument, { name });
		if (dataset?.version === inspected.version) return dataset;
		if (dataset !== null) continue;
		return await registerDataset(client, name, source, inspected);
	}
	throw new Error(`Two data sets share the version ${inspected.version}.`);
}

/** The backbone under its name, registered with random weights where there is none. */
export async function haveRandomBackbone(
	client: GraftClient,
	wanted: { readonly name: string; readonly architecture: string; readonly inputShape: readonly number[] },
): Promise<Named> {
	const { backbone } = await client.request(BackboneByNameDocument, { name: wanted.name });
	if (backbone !== null && backbone.weightsDigest === null) return backbone;
	const input = { ...wanted, inputShape: [...wanted.inputShape] };
	const { registerBackbone } = await client.request(RegisterBackboneDocument, { input });
	return accepted(registerBackbone, 'BackboneRegistered').backbone;
}

/** An experiment of this name, or `name 2`, `name 3` … where that is taken: old results stay as they are. */
export async function newExperiment(client: GraftClient, wanted: CreateExperimentInput): Promise<Named> {
	for (let number = 1; ; number += 1) {
		const name = number === 1 ? wanted.name : `${wanted.name} ${number}`;
		const { experiment } = await client.request(FindExperimentDocument, { name });
		if (experiment !== null) continue;
		const { createExperiment } = await client.request(CreateExperimentDocument, { input: { ...wanted, name } });
		if (createExperiment.__typename !== 'Conflict') return accepted(createExperiment, 'ExperimentCreated').experiment;
	}
}
