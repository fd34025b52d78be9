import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import { type Strategy, stepsOnTarget } from '@graft/domain/strategy';
import * as tf from '@tensorflow/tfjs-core';
import { type CoralVariant, deepCoral } from '../losses/deep-coral.js';
import { domainConfusion, reversalStrength, reverseGradient } from '../losses/domain-adversarial.js';
import { type MmdEstimator, mmd, tllibVariances } from '../losses/mmd.js';
import { takeRows } from '../losses/take-rows.js';
import type { DeviceWeights } from '../network/device-weights.js';
import { DISCRIMINATOR } from '../network/discriminator.js';
import { forward } from '../network/forward.js';
import type { Network } from '../network/network.js';
import { drawTargetOrder } from './draws.js';
import { type ExampleBatch, type ExampleSource, pick } from './example-source.js';
import type { RunTarget } from './run-context.js';

/** What unlabelled target data add to each step. */
export interface Adaptation {
	/** The target's examples of a step, as many as it has labelled ones: a function of seed and step alone. */
	readonly batch: (step: number, count: number) => Promise<ExampleBatch>;
	/**
	 * Weighted distance of the domains, to be added to the loss. `features` are what the head's last layer reads: the
	 * rows of the labelled examples, `sources` of them, then the target's.
	 */
	readonly loss: (features: tf.Tensor, sources: number, weights: DeviceWeights, step: number) => tf.Scalar;
}

/** Null where the strategy's steps do not look at a target. */
export function createAdaptation(
	{ strategy, seed, batchSize }: RunSpec,
	network: Network,
	target: RunTarget | null,
	totalSteps: number,
): Adaptation | null {
	if (!stepsOnTarget(strategy.kind)) return null;
	if (target === null) throw new GraftError('DATA', `${strategy.kind} learns from a target, and the run has none.`);
	const distance = distanceOf(strategy, network, totalSteps);
	const weight = Number(strategy.options.weight);
	return {
		batch: targetBatches(target.train, batchSize, seed),
		loss: (...given) => tf.mul(distance(...given), weight),
	};
}

/** The target is shuffled anew in each of its rounds, which have nothing to do with the epochs of the labelled data. */
function targetBatches(target: ExampleSource, batchSize: number, seed: number): Adaptation['batch'] {
	let drawn: { round: number; order: number[] } | null = null;
	const at = (position: number): number => {
		const round = Math.floor(position / target.count);
		if (drawn?.round !== round) drawn = { round, order: drawTargetOrder(target.count, seed, round) };
		return drawn.order[position % target.count] ?? 0;
	};
	return (step, count) =>
		pick(
			target,
			Array.from({ length: count }, (_, index) => at(step * batchSize + index)),
		);
}

function distanceOf({ kind, options }: Strategy, network: Network, totalSteps: number): Adaptation['loss'] {
	const both = (features: tf.Tensor, sources: number) =>
		[takeRows(features, 0, sources), takeRows(features, sources, (features.shape[0] ?? 0) - sources)] as const;
	switch (kind) {
		case 'DEEP_CORAL':
			return (features, sources) => deepCoral(...both(features, sources), options.variant as CoralVariant);
		case 'MMD':
			return (features, sources) => {
				const [source, target] = both(features, sources);
				return mmd(source, target, tllibVariances(source, target), options.estimator as MmdEstimator);
			};
		default:
			return (features, sources, weights, step) => {
				const strength = reversalStrength(step / totalSteps, Number(options.gamma));
				const reversed = reverseGradient(features, strength);
				const logits = forward(network.discriminator, weights, reversed, discriminating(network));
				return domainConfusion(logits, sources);
			};
	}
}

/** The discriminator normalises by its batch always, and drops nothing. */
const discriminating = ({ discriminator }: Network) => ({
	batchStatistics: new Set(discriminator.map(({ name }) => name)),
	frozen: new Set([DISCRIMINATOR]),
	onMoments: () => {},
	dropoutMask: (_: string, shape: readonly number[]) => tf.ones([...shape]),
});
