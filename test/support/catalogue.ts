import { spawnSync } from 'node:child_process';
import path from 'node:path';
import type { GraftClient } from '@graft/client/node';
import { NewExperimentDocument, RegisterDataDocument, RegisterRandomDocument } from '../gql/graphql.js';
import { root } from './process.js';

const source = {
	uri: 'builtin:optdigits',
	format: 'csv-image',
	options: {
		shape: [8, 8, 1],
		scale: 16,
		label: 'digit',
		classes: ['6', '7', '8', '9'],
		splitSeed: 0,
		fractions: { train: 0.5, validation: 0.2, test: 0.3 },
	},
};

/** What the trainer program says of the digits 6 to 9, as input of registerDataset. */
export function inspectDigits(name: string) {
	const main = path.join(root, 'apps/trainer/dist/main.js');
	const args = [main, 'inspect-dataset', '--json', JSON.stringify(source)];
	const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
	if (status !== 0) throw new Error(stderr);
	const { version, modality, task, classes, splits, inputShape, attribution } = JSON.parse(stdout);
	return { name, version, modality, task, classes, splits, inputShape, attribution, ...source };
}

/** Registers data, a backbone with random weights and an experiment; the ids that a launch needs. */
export async function prepareLaunch(client: GraftClient, experiment = 'A question') {
	const [data, random, question] = await Promise.all([
		client.request(RegisterDataDocument, { input: inspectDigits('digits') }),
		client.request(RegisterRandomDocument, { name: 'random-cnn' }),
		client.request(NewExperimentDocument, { name: experiment }),
	]);
	if (data.registerDataset.__typename !== 'DatasetRegistered') throw new Error(JSON.stringify(data));
	if (random.registerBackbone.__typename !== 'BackboneRegistered') throw new Error(JSON.stringify(random));
	if (question.createExperiment.__typename !== 'ExperimentCreated') throw new Error(JSON.stringify(question));
	return {
		datasetId: data.registerDataset.dataset.id,
		backboneId: random.registerBackbone.backbone.id,
		experimentId: question.createExperiment.experiment.id,
	};
}
