import type { Backbone } from '@graft/domain/backbone';
import type { Dataset } from '@graft/domain/dataset';
import { type InvalidInput, invalidInput } from '@graft/domain/error';
import { canonicalJson } from '@graft/domain/json';
import { needsTarget, type Strategy } from '@graft/domain/strategy';

const FIELD = 'targetDatasetId';

/** Refuses a target that the backbone cannot read, or from which nothing could be learned. */
export function refuseTarget(backbone: Backbone, dataset: Dataset, target: Dataset): InvalidInput | null {
	if (target.id === dataset.id)
		return invalidInput(FIELD, `The target ${target.name} is the dataset itself: there is nothing to adapt to.`);
	const pair = `The backbone ${backbone.name} and the target ${target.name}`;
	if (backbone.modality !== target.modality)
		return invalidInput(FIELD, `${pair} do not go together: they are of different modalities.`, 'MODALITY_MISMATCH');
	if (canonicalJson(backbone.input.shape) !== canonicalJson(target.input.shape))
		return invalidInput(
			FIELD,
			`${pair} do not go together: the backbone takes inputs of shape ${canonicalJson(backbone.input.shape)}, the target has ${canonicalJson(target.input.shape)}.`,
			'SHAPE_MISMATCH',
		);
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
