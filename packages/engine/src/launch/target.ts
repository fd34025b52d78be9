import type { Backbone } from '@graft/domain/backbone';
import { type Dataset, TASK_NAMES } from '@graft/domain/dataset';
import { type InvalidInput, invalidInput } from '@graft/domain/error';
import { needsTarget, type Strategy } from '@graft/domain/strategy';
import { refuseInputs } from './refuse-pair.js';

const FIELD = 'targetDatasetId';

/** Refuses a target that the backbone cannot read, or from which nothing could be learned. */
export function refuseTarget(backbone: Backbone, dataset: Dataset, target: Dataset): InvalidInput | null {
	if (target.id === dataset.id)
		return invalidInput(FIELD, `The target ${target.name} is the dataset itself: there is nothing to adapt to.`);
	const refused = refuseInputs(backbone, target, FIELD, `target ${target.name}`);
	if (refused !== null) return refused;
	if (dataset.task !== target.task && target.classes !== null)
		return invalidInput(FIELD, `The target ${target.name} is for ${TASK_NAMES[target.task]}, and the dataset is not.`);
	if (dataset.task === 'LANGUAGE_MODELING')
		return invalidInput(FIELD, `${dataset.name} is for language modelling, which adapts to no second dataset.`);
	const train = target.splits.find(({ name }) => name === 'train');
	if (train === undefined || train.examples === 0)
		return invalidInput(FIELD, `The target ${target.name} has no examples in a train split.`);
	return null;
}

/** Refuses a strategy that learns from a target where there is none. */
export function refuseMissingTarget({ kind }: Strategy, target: Dataset | null, path: string): InvalidInput | null {
	if (target !== null || !needsTarget(kind)) return null;
	return invalidInput(
		`${path}.kind`,
		`${kind} learns from unlabelled data of a second dataset: give it as ${FIELD}.`,
		'TARGET_MISSING',
	);
}
