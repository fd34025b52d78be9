import type { AugmentationSpec } from './augmentation.js';

/**
 * How a run's rate moves within a phase. Everything is relative: a schedule gives a factor for the rate of every group,
 * and shares of the phase's steps, so that the same recipe fits phases of any length. Each phase begins it anew.
 */
export type ScheduleSpec =
	| { readonly kind: 'constant'; readonly warmUp: number; readonly start: number }
	| { readonly kind: 'linear'; readonly warmUp: number; readonly start: number; readonly final: number }
	| {
			readonly kind: 'cosine';
			/** Half a cosine over what warm-up leaves (Hugging Face), or over the whole phase, its beginning hidden by warm-up (timm). */
			readonly convention: 'huggingface' | 'timm';
			/** Share of the phase's steps in which the rate rises to its height, on a line. */
			readonly warmUp: number;
			/** Factor that warm-up begins with. */
			readonly start: number;
			/** Factor that the phase ends with. */
			readonly final: number;
	  }
	| {
			readonly kind: 'one-cycle';
			/** fastai counts the phase from 0 to 1 and never reaches 1; torch's last step has the lowest rate. */
			readonly convention: 'fastai' | 'torch';
			/** Share of the steps after which the rate is highest. */
			readonly peakAt: number;
			/** It begins with 1 / startDivisor of the rate. */
			readonly startDivisor: number;
			/** And ends with 1 / finalDivisor: of the rate (fastai), or of what it began with (torch). */
			readonly finalDivisor: number;
			/** Momentum (Adam's beta1) at the ends and at the peak; null: it stays. */
			readonly momentum: { readonly high: number; readonly low: number } | null;
	  }
	/** Up on a line for `peakAt` of the steps, down on a line to 1 / ratio (ULMFiT). */
	| { readonly kind: 'slanted-triangular'; readonly peakAt: number; readonly ratio: number }
	/** Keras' ReduceLROnPlateau. */
	| {
			readonly kind: 'reduce-on-plateau';
			readonly monitor: Monitor;
			readonly factor: number;
			/** Epochs without improvement after which the rate is reduced. */
			readonly patience: number;
			readonly minDelta: number;
			/** Epochs after a reduction that do not count. */
			readonly cooldown: number;
			/** The least factor. */
			readonly floor: number;
	  };

/** What is watched at the end of an epoch. Accuracies are better when they are higher, everything else when it is lower. */
export const MONITORS = [
	...(['val_loss', 'val_accuracy', 'val_mae', 'val_perplexity'] as const),
	...(['train_loss', 'train_accuracy', 'train_mae', 'train_perplexity'] as const),
];
export type Monitor = (typeof MONITORS)[number];

export const isBetterHigher = (monitor: Monitor): boolean => monitor.endsWith('_accuracy');

/** Keras' EarlyStopping; the best weights come back always. Each phase counts for itself. */
export interface EarlyStoppingSpec {
	readonly monitor: Monitor;
	/** Epochs without improvement after which the phase ends. */
	readonly patience: number;
	/** What counts as an improvement is better by more than this. */
	readonly minDelta: number;
	/** Epochs of the phase before this one, counted from 0, are not looked at. */
	readonly startEpoch: number;
	/** Phases that may end early, from 1 (LP_FT's probe is phase 1); null: every phase. */
	readonly phases: readonly number[] | null;
}

/**
 * A running average of the weights, which is judged and kept in place of them. Warm-up makes it follow closely at first:
 * `timm` 1 - t^(-2/3) at update t from 1, `tensorflow` (1 + n) / (10 + n) at update n from 0, both up to `decay`; `none` is
 * Keras', which begins with the weights of the first step.
 */
export interface EmaSpec {
	readonly decay: number;
	readonly warmUp: 'none' | 'timm' | 'tensorflow';
}

/** What a run does beside strategy and optimizer. Complete: `parseTraining` fills in the defaults. */
export interface TrainingSpec {
	readonly schedule: ScheduleSpec;
	/** Null: the optimizer's own, which is 0 but for AdamW. Biases and other vectors never decay, nor does what is frozen. */
	readonly weightDecay: number | null;
	/** Greatest norm of all gradients of a step together. */
	readonly gradientClip: number | null;
	/** Share of each label that is spread over all classes. */
	readonly labelSmoothing: number;
	/** Factor of an example's loss by its class: `balanced` is n / (classes * n of the class); classes that are not named have 1. */
	readonly classWeights: 'balanced' | Readonly<Record<string, number>> | null;
	readonly ema: EmaSpec | null;
	/** Alpha of Beta(alpha, alpha), from which each step draws how far two examples are mixed. */
	readonly mixup: number | null;
	readonly earlyStopping: EarlyStoppingSpec | null;
	/** Missing in runs from before there was any. */
	readonly augmentation?: AugmentationSpec | null;
	/**
	 * Whether the weights of the best epoch are kept beside the last ones: a second file of the same size, and as much
	 * memory again as what is trained. Missing in runs from before there was a choice: they keep them, too.
	 */
	readonly keepBest?: boolean;
}

/** Why an example enters the network another way each time, for people; null where it does not. */
export function freshInputs(training: Pick<TrainingSpec, 'mixup' | 'augmentation'> | undefined): string | null {
	if (training?.mixup != null) return 'Mixup makes new inputs of the examples in every step.';
	const augmentation = training?.augmentation ?? null;
	if (augmentation === null || augmentation.copies !== null) return null;
	return 'Augmentation makes new inputs of the examples in every epoch; with a number of copies they would be the same.';
}

export const CONSTANT: ScheduleSpec = { kind: 'constant', warmUp: 0, start: 0 };

/** A run without further settings, as all runs were before there were any. */
export const PLAIN_TRAINING: TrainingSpec = {
	schedule: CONSTANT,
	weightDecay: null,
	gradientClip: null,
	labelSmoothing: 0,
	classWeights: null,
	ema: null,
	mixup: null,
	earlyStopping: null,
	augmentation: null,
	keepBest: true,
};
