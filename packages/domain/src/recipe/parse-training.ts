import type { InvalidInput } from '../error/index.js';
import { AUGMENTATION, type AugmentationSpec } from './augmentation.js';
import { number, oneOf, parseFields, type Rule, type Rules, wholeNumber } from './parse-fields.js';
import {
	type EarlyStoppingSpec,
	type EmaSpec,
	MONITORS,
	PLAIN_TRAINING,
	type ScheduleSpec,
	type TrainingSpec,
} from './recipe.js';
import { parseSchedule } from './schedule-rules.js';

const EMA: Rules<EmaSpec> = {
	// Keras' is .99: the averages of timm and TensorFlow are for runs of many thousand steps.
	decay: number(0.99, 0, 1, '()'),
	warmUp: oneOf(['none', 'timm', 'tensorflow'], 'none'),
};

const EARLY_STOPPING: Rules<EarlyStoppingSpec> = {
	monitor: oneOf(MONITORS, 'val_loss'),
	patience: wholeNumber(0, 0, 100_000),
	minDelta: number(0, 0, 1e9),
	startEpoch: wholeNumber(0, 0, 100_000),
	phases: {
		otherwise: null,
		allows: (value) =>
			Array.isArray(value) && value.length > 0 && value.every((phase) => Number.isInteger(phase) && phase >= 1),
		says: 'a list of phases from 1, or nothing for every phase',
	},
};

const classWeights: Rule<TrainingSpec['classWeights']> = {
	otherwise: null,
	allows: (value) =>
		value === 'balanced' ||
		(typeof value === 'object' &&
			value !== null &&
			!Array.isArray(value) &&
			Object.keys(value).length > 0 &&
			Object.values(value).every((weight) => typeof weight === 'number' && weight > 0 && weight <= 1e6)),
	says: 'balanced, or an object from class to weight, a number above 0 and up to 1000000',
};

/** An object of its own, which is checked by itself. */
const nested = <T>(otherwise: T): Rule<T> => ({ otherwise, allows: () => true, says: 'an object' });

const TRAINING: Rules<TrainingSpec> = {
	schedule: nested<ScheduleSpec>(PLAIN_TRAINING.schedule),
	weightDecay: number<number | null>(null, 0, 10),
	gradientClip: number<number | null>(null, 0, 1e9, '('),
	labelSmoothing: number(0, 0, 1, ')'),
	classWeights,
	ema: nested<EmaSpec | null>(null),
	mixup: number<number | null>(null, 0, 100, '('),
	earlyStopping: nested<EarlyStoppingSpec | null>(null),
	augmentation: nested<AugmentationSpec | null | undefined>(null),
	keepBest: { otherwise: true, allows: (value) => typeof value === 'boolean', says: 'true or false' },
};

/**
 * Checks `{schedule?, weightDecay?, gradientClip?, labelSmoothing?, classWeights?, ema?, mixup?, earlyStopping?,
 * augmentation?, keepBest?}` and fills in the defaults; null is a run with none of it. What of it suits the data, `checkTraining` says.
 */
export function parseTraining(json: unknown, field = 'training'): TrainingSpec | InvalidInput {
	if (json === null || json === undefined) return PLAIN_TRAINING;
	const fields = parseFields(json, TRAINING, field, 'The training settings');
	if (isInvalid(fields)) return fields;
	const schedule = parseSchedule(fields.schedule, `${field}.schedule`);
	if (isInvalid(schedule)) return schedule;
	const ema = fields.ema && parseFields(fields.ema, EMA, `${field}.ema`, 'The average of the weights');
	if (isInvalid(ema)) return ema;
	const earlyStopping =
		fields.earlyStopping &&
		parseFields(fields.earlyStopping, EARLY_STOPPING, `${field}.earlyStopping`, 'Early stopping');
	if (isInvalid(earlyStopping)) return earlyStopping;
	const augmentation =
		fields.augmentation && parseFields(fields.augmentation, AUGMENTATION, `${field}.augmentation`, 'An augmentation');
	if (isInvalid(augmentation)) return augmentation;
	return { ...fields, schedule, ema, earlyStopping, augmentation };
}

const isInvalid = (value: object | null | undefined): value is InvalidInput =>
	value != null && 'kind' in value && value.kind === 'InvalidInput';
