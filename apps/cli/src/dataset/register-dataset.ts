import { RegisterDatasetDocument } from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { accepted } from '../api/accepted.js';
import type { DatasetSource, InspectedDataset } from '../platform/inspect-dataset.js';

/** Puts inspected data into the catalogue. @throws GraftError where the name is taken by other data. */
export async function registerDataset(
	client: GraftClient,
	name: string,
	{ uri, format, options }: DatasetSource,
	{ version, modality, task, classes, splits, inputShape, attribution, statistics }: InspectedDataset,
) {
	const input = {
		...{ name, version, modality, task, uri, format, options, attribution },
		classes: classes && [...classes],
		splits: splits.map((split) => ({ ...split, classCounts: split.classCounts && [...split.classCounts] })),
		inputShape: inputShape && [...inputShape],
		statistics: statistics && {
			...statistics,
			distributions: [...statistics.distributions],
			duplicates: { ...statistics.duplicates, groups: statistics.duplicates.groups.map((group) => [...group]) },
			broken: { ...statistics.broken, named: [...statistics.broken.named] },
		},
	};
	const { registerDataset: result } = await client.request(RegisterDatasetDocument, { input });
	return accepted(result, 'DatasetRegistered').dataset;
}
