import { type Dataset, OWN_MEASURE, TASK_NAMES } from '../dataset/index.js';
import { type InvalidInput, invalidInput } from '../error/index.js';
import type { OptimizerSpec } from '../run/run.js';
import type { TrainingSpec } from './recipe.js';

export interface TrainedOn {
	readonly dataset: Pick<Dataset, 'name' | 'modality' | 'task' | 'classes' | 'splits'>;
	readonly optimizer: OptimizerSpec;
	/** Phases of the shortest plan that the settings are for. */
	readonly phases: number;
}

/** Refuses settings that say nothing about these data, this optimizer or this plan. */
export function checkTraining(training: TrainingSpec, given: TrainedOn, field = 'training'): InvalidInput | null {
	return (
		refuseLabels(training, given, field) ??
		refuseMonitors(training, given, field) ??
		refuseParts(training, given, field)
	);
}

function refuseLabels(
	{ classWeights, labelSmoothing }: TrainingSpec,
	{ dataset: { name, task, classes } }: TrainedOn,
	field: string,
): InvalidInput | null {
	if (task !== 'CLASSIFICATION') {
		if (labelSmoothing > 0) return invalidInput(`${field}.labelSmoothing`, `${name} has no classes to smooth over.`);
		return classWeights === null ? null : invalidInput(`${field}.classWeights`, `${name} has no classes to weigh.`);
	}
	if (classWeights === null || classWeights === 'balanced') return null;
	const unknown = Object.keys(classWeights).find((one) => !classes?.includes(one));
	if (unknown === undefined) return null;
	return invalidInput(
		`${field}.classWeights.${unknown}`,
		`${name} has no class ${unknown}; it has ${classes?.join(', ')}.`,
	);
}

function refuseMonitors(
	{ schedule, earlyStopping }: TrainingSpec,
	{ dataset: { name, task, splits } }: TrainedOn,
	field: string,
): InvalidInput | null {
	const monitors = [
		schedule.kind === 'reduce-on-plateau' ? ([`${field}.schedule.monitor`, schedule.monitor] as const) : null,
		earlyStopping && ([`${field}.earlyStopping.monitor`, earlyStopping.monitor] as const),
	];
	const isEmpty = !splits.some((split) => split.name === 'validation' && split.examples > 0);
	const own = OWN_MEASURE[task];
	const foreign = Object.values(OWN_MEASURE).filter((measure) => measure !== own);
	for (const watched of monitors) {
		if (watched === null) continue;
		const [path, monitor] = watched;
		if (foreign.some((measure) => monitor.endsWith(`_${measure}`))) {
			return invalidInput(path, `${name} is for ${TASK_NAMES[task]}, which has no ${monitor}.`);
		}
		if (isEmpty && monitor.startsWith('val_')) {
			return invalidInput(path, `${name} has no validation examples: watch train_loss instead of ${monitor}.`);
		}
	}
	return null;
}

function refuseParts(
	{ schedule, earlyStopping, mixup, augmentation }: TrainingSpec,
	{ dataset, optimizer, phases }: TrainedOn,
	field: string,
): InvalidInput | null {
	if (mixup !== null && dataset.modality === 'TEXT') {
		return invalidInput(`${field}.mixup`, `${dataset.name} is text: there is nothing between two tokens.`);
	}
	if (augmentation != null && dataset.modality !== 'IMAGE') {
		const what = dataset.modality.toLowerCase();
		return invalidInput(
			`${field}.augmentation`,
			`${dataset.name} is ${what}: only images are shifted, turned and cropped.`,
		);
	}
	const hasMomentum = 'beta1' in optimizer || optimizer.momentum > 0;
	if (schedule.kind === 'one-cycle' && schedule.momentum !== null && !hasMomentum) {
		return invalidInput(`${field}.schedule.momentum`, `${optimizer.kind} is used without momentum here.`);
	}
	const late = earlyStopping?.phases?.find((phase) => phase > phases);
	if (late === undefined) return null;
	return invalidInput(
		`${field}.earlyStopping.phases`,
		`There is no phase ${late}: the strategy makes ${phases} of them here.`,
	);
}
