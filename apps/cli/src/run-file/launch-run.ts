import { LaunchComparisonDocument, type RunLineFragment } from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { TASK_NAMES } from '@graft/domain/dataset';
import { GraftError } from '@graft/domain/error';
import { accepted } from '../api/accepted.js';
import { decidingMetric, placeOf, requireExperiment } from '../launch/launch-flags.js';
import { findData, requireBackbone } from './find-subjects.js';
import type { ReadRunFile } from './read-run-file.js';
import { headOf } from './run-file.js';

/**
 * Queues what the file says, one run a seed, in its experiment. Data that are not registered are registered first.
 * @throws GraftError CONFIGURATION with the line of what cannot be.
 */
export async function launchRun(
	client: GraftClient,
	read: ReadRunFile,
	flags: { readonly dataset: string; readonly backbone: string },
	say: (line: string) => void,
) {
	const { file, placeOf: lineOf } = read;
	const backbone = await requireBackbone(client, flags.backbone, file, lineOf('backbone.architecture'));
	const dataset = await findData(client, flags.dataset, file, backbone, say);
	const { classes } = file.head;
	if (classes !== undefined && dataset.classes?.length !== classes) {
		const has = dataset.classes === null ? 'none' : `${dataset.classes.length}`;
		throw new GraftError(
			'CONFIGURATION',
			`${lineOf('head.classes')}: ${classes} classes, but ${dataset.name} has ${has}.`,
		);
	}
	if ((file.loss === 'mse' || file.loss === 'mae') !== (dataset.task === 'REGRESSION')) {
		const what = `${file.loss} is no loss of ${TASK_NAMES[dataset.task]}, which ${dataset.name} is for`;
		throw new GraftError('CONFIGURATION', `${lineOf('loss')}: ${what}.`);
	}
	const hasTest = dataset.splits.some(({ name, examples }) => name === 'test' && examples > 0);
	const metric = file.metric ?? decidingMetric(dataset.task, hasTest ? 'test' : 'val');
	// The launch makes the experiment, so that a refused one leaves none behind.
	const place = await placeOf(client, file.experiment, metric);
	const { launchComparison } = await client.request(LaunchComparisonDocument, {
		input: {
			...place,
			backboneIds: [backbone.id],
			datasetIds: [dataset.id],
			strategies: [file.strategy],
			seeds: file.seeds,
			head: headOf(file),
			optimizer: file.optimizer,
			training: file.training,
			epochs: file.epochs,
			batchSize: file.batchSize,
			trainExamplesPerClass: file.labels,
		},
	});
	refuseField(launchComparison, lineOf);
	const runs: readonly RunLineFragment[] = accepted(launchComparison, 'ComparisonLaunched').runs;
	return { experiment: await requireExperiment(client, file.experiment), runs };
}

/** A refusal that names a field of the launch is told with the line where the file says it. */
function refuseField(
	answer: { readonly __typename: string; readonly field?: string | null },
	placeOf: ReadRunFile['placeOf'],
) {
	const { __typename, field, message } = answer as { __typename: string; field?: string | null; message?: string };
	if (__typename !== 'InvalidInput' || !field) return;
	const place = /^(dataset|backbone)/.test(field) ? '' : `${placeOf(field)}: `;
	throw new GraftError('CONFIGURATION', `${place}${message}`, { field });
}
