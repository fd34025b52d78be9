/** What a value at a path may be. */
export type SweepFieldKind = 'number' | 'integer' | 'text' | 'any';

/** Fields of a launch that a sweep may vary. `strategy.options.<key>` is allowed besides. */
export const SWEEP_FIELDS: Readonly<Record<string, SweepFieldKind>> = {
	'strategy.kind': 'text',
	'strategy.unfreezeFrom': 'text',
	'strategy.batchNorm': 'text',
	'strategy.learningRate': 'number',
	'strategy.backboneLearningRate': 'number',
	'strategy.decay': 'number',
	'strategy.epochsPerStage': 'integer',
	'strategy.rank': 'integer',
	'strategy.alpha': 'number',
	'optimizer.kind': 'text',
	'optimizer.convention': 'text',
	'optimizer.beta1': 'number',
	'optimizer.beta2': 'number',
	'optimizer.epsilon': 'number',
	'optimizer.rho': 'number',
	'optimizer.momentum': 'number',
	'optimizer.nesterov': 'any',
	'head.pooling': 'text',
	'head.inputDropout': 'number',
	'head.hidden': 'any',
	'head.dropout': 'number',
	'head.loss': 'text',
	'head.tied': 'any',
	'training.schedule': 'any',
	'training.schedule.kind': 'text',
	'training.schedule.convention': 'text',
	'training.schedule.warmUp': 'number',
	'training.schedule.start': 'number',
	'training.schedule.final': 'number',
	'training.schedule.peakAt': 'number',
	'training.schedule.startDivisor': 'number',
	'training.schedule.finalDivisor': 'number',
	'training.schedule.ratio': 'number',
	'training.schedule.factor': 'number',
	'training.schedule.patience': 'integer',
	'training.weightDecay': 'number',
	'training.gradientClip': 'number',
	'training.labelSmoothing': 'number',
	'training.classWeights': 'any',
	'training.ema': 'any',
	'training.ema.decay': 'number',
	'training.mixup': 'number',
	'training.earlyStopping': 'any',
	'training.earlyStopping.patience': 'integer',
	'training.earlyStopping.minDelta': 'number',
	'training.augmentation': 'any',
	'training.augmentation.flip': 'text',
	'training.augmentation.shift': 'number',
	'training.augmentation.rotation': 'number',
	'training.augmentation.zoom': 'number',
	'training.augmentation.brightness': 'number',
	'training.augmentation.crop': 'number',
	'training.augmentation.copies': 'integer',
	epochs: 'integer',
	batchSize: 'integer',
	trainExamplesPerClass: 'integer',
};

/** Null for a path that no launch has. */
export function sweepField(path: string): SweepFieldKind | null {
	if (Object.hasOwn(SWEEP_FIELDS, path)) return SWEEP_FIELDS[path] ?? null;
	return /^strategy\.options\.[A-Za-z_]\w*$/.test(path) && !path.endsWith('.__proto__') ? 'any' : null;
}

export const unknownPath = (path: string): string =>
	`A sweep cannot vary ${path}. It can vary ${Object.keys(SWEEP_FIELDS).join(', ')} and strategy.options.<key>.`;
