import { findArchitecture, languageModel, notCausal, summarizeBackbone } from '@graft/domain/architecture';
import type { Backbone } from '@graft/domain/backbone';
import { type Dataset, TASK_NAMES } from '@graft/domain/dataset';
import { GraftError, type InvalidInput, invalidInput } from '@graft/domain/error';
import { canonicalJson } from '@graft/domain/json';
import type { TrainingSettings } from './plan-spec.js';

const NOUNS = { IMAGE: 'images', TEXT: 'text', TABULAR: 'tables' } as const;

/** Refuses a backbone and a dataset that do not fit together, and says why. */
export function refusePair(
	backbone: Backbone,
	dataset: Dataset,
	{ trainExamplesPerClass: wanted }: Pick<TrainingSettings, 'trainExamplesPerClass'>,
): InvalidInput | null {
	const { name, task, classes, splits } = dataset;
	const refused = refuseInputs(backbone, dataset, 'datasetIds', `dataset ${name}`);
	if (refused !== null) return refused;
	if (task !== 'CLASSIFICATION') {
		const architecture = findArchitecture(backbone.architecture);
		if (task === 'LANGUAGE_MODELING' && architecture !== null && languageModel(architecture) === null)
			return invalidInput('datasetIds', `${name} is for ${TASK_NAMES[task]}, but ${notCausal(backbone.architecture)}`);
		if (wanted === null) return null;
		const what = `${name} is for ${TASK_NAMES[task]}`;
		return invalidInput('trainExamplesPerClass', `${what}: there are no classes to count by.`);
	}
	if (classes === null || classes.length === 0)
		return invalidInput(
			'datasetIds',
			`${name} has no labels: it can be the target of an adaptation only. A text without labels is for language modelling where it was imported with task=language-model.`,
			'NO_LABELS',
		);
	const smallest = Math.min(...(splits.find((split) => split.name === 'train')?.classCounts ?? []));
	if (wanted !== null && wanted > smallest)
		return invalidInput(
			'trainExamplesPerClass',
			`${wanted} examples a class are asked for, but the smallest class of ${name} has ${smallest} in its train split.`,
		);
	return null;
}

/** Refuses data that the backbone cannot read. `what` names them in the message. */
export function refuseInputs(
	backbone: Backbone,
	{ modality, input: { shape } }: Dataset,
	field: string,
	what: string,
): InvalidInput | null {
	const pair = `The backbone ${backbone.name} and the ${what} do not go together`;
	const holder = what.split(' ')[0];
	if (backbone.modality !== modality)
		return invalidInput(
			field,
			`${pair}: the backbone reads ${NOUNS[backbone.modality]}, the ${holder} holds ${NOUNS[modality]}.`,
			'MODALITY_MISMATCH',
		);
	const mismatch = (why: string) => invalidInput(field, `${pair}: ${why}`, 'SHAPE_MISMATCH');
	if (modality === 'TEXT') {
		if (backbone.input.tokenizer === null)
			return invalidInput(
				field,
				`${pair}: the backbone has no tokenizer, so that nobody knows its tokens. Register it with one.`,
				'NO_TOKENIZER',
			);
		// A text is cut and padded to whatever length the data ask for; only the backbone's positions set a limit.
		const why = shape === null ? null : unreadable(backbone.architecture, shape);
		return why === null ? null : mismatch(why);
	}
	if (canonicalJson(backbone.input.shape) === canonicalJson(shape)) return null;
	const [takes, has] = [canonicalJson(backbone.input.shape), canonicalJson(shape)];
	return mismatch(`the backbone takes inputs of shape ${takes}, the ${holder} has ${has}.`);
}

function unreadable(name: string, shape: readonly number[]): string | null {
	const architecture = findArchitecture(name);
	if (architecture === null) return null;
	try {
		summarizeBackbone(architecture, shape);
		return null;
	} catch (error) {
		if (error instanceof GraftError && error.code === 'DATA') return error.message;
		throw error;
	}
}
