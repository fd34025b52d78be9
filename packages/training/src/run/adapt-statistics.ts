import { GraftError } from '@graft/domain/error';
import * as tf from '@tensorflow/tfjs-core';
import type { Moments } from '../layers/batch-norm.js';
import { replaceWeight } from '../network/device-weights.js';
import { forward } from '../network/forward.js';
import { readAhead } from '../pipeline/read-ahead.js';
import { drawTargetOrder } from './draws.js';
import { examplesAtOnce } from './evaluate.js';
import { batchesAhead, inputsOf, pick } from './example-source.js';
import type { RunContext } from './run-context.js';

/** Of so many examples: mean, and the sum of the squared deviations, by channel. */
interface Spread {
	readonly examples: number;
	readonly mean: Float64Array;
	readonly deviations: Float64Array;
}

/**
 * AdaBN (Li et al. 2016): one pass over the target gives every BatchNorm of the backbone the mean and variance of its
 * inputs there; gamma, beta and all other weights stay. Each batch is normalised by its own moments on its way up, and the
 * batches' moments are put together exactly. The target's order is shuffled, for a file may list one class after the other.
 */
export async function adaptStatistics({ spec, network, state, target, report, pause }: RunContext): Promise<void> {
	if (target === null) throw new GraftError('DATA', `${spec.strategy.kind} needs a target, and the run has none.`);
	const norms = network.layers.filter(({ layer }) => layer.kind === 'batch-norm');
	const last = network.layers.findLastIndex(({ layer }) => layer.kind === 'batch-norm');
	const layers = network.layers.slice(0, last + 1);
	const order = drawTargetOrder(target.train.count, spec.seed, 0);
	const atOnce = examplesAtOnce(layers, network.inputShape);
	const spreads = new Map<string, Spread>();
	const read = (index: number) => pick(target.train, order.slice(index * atOnce, (index + 1) * atOnce));
	const batches = Math.ceil(order.length / atOnce);
	for await (const batch of readAhead(batches, batchesAhead(target.train, atOnce), read)) {
		const seen: { readonly name: string; readonly moments: Moments }[] = [];
		tf.tidy(() => {
			forward(layers, state.weights, inputsOf(batch), {
				batchStatistics: new Set(norms.map(({ name }) => name)),
				frozen: new Set(network.layers.map(({ group }) => group)),
				onMoments: ({ name }, { mean, variance }) => {
					seen.push({ name, moments: { mean: tf.keep(mean), variance: tf.keep(variance) } });
				},
				dropoutMask: (_, shape) => tf.ones([...shape]),
			});
		});
		for (const { name, moments } of seen) {
			const [mean, variance] = [await moments.mean.data(), await moments.variance.data()];
			tf.dispose([moments.mean, moments.variance]);
			spreads.set(name, combine(spreads.get(name) ?? null, batch.count, mean, variance));
		}
		await pause();
	}
	for (const [name, { examples, mean, deviations }] of spreads) {
		replaceWeight(state.weights, `${name}/moving_mean`, tf.tensor1d(Float32Array.from(mean)));
		const variance = Float32Array.from(deviations, (sum) => sum / examples);
		replaceWeight(state.weights, `${name}/moving_variance`, tf.tensor1d(variance));
	}
	const message = `BatchNorm's statistics of ${spreads.size} layers are now those of ${order.length} target examples.`;
	report.event('STATISTICS_ADAPTED', state.step, message, { layers: spreads.size, examples: order.length });
}

/** Chan, Golub and LeVeque's update: no difference of large sums. */
function combine(
	before: Spread | null,
	examples: number,
	mean: ArrayLike<number>,
	variance: ArrayLike<number>,
): Spread {
	const deviations = Float64Array.from(variance, (one) => one * examples);
	if (before === null) return { examples, mean: Float64Array.from(mean), deviations };
	const all = before.examples + examples;
	const shift = before.mean.map((old, channel) => (mean[channel] ?? 0) - old);
	return {
		examples: all,
		mean: before.mean.map((old, channel) => old + ((shift[channel] ?? 0) * examples) / all),
		deviations: before.deviations.map(
			(old, channel) =>
				old + (deviations[channel] ?? 0) + ((shift[channel] ?? 0) ** 2 * before.examples * examples) / all,
		),
	};
}
