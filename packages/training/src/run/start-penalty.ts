import { HEAD_GROUP } from '@graft/domain/architecture';
import { learns } from '@graft/domain/freeze-plan';
import type { RunSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import { pullTowards } from '../losses/l2-sp.js';
import { type DeviceWeights, toDevice } from '../network/device-weights.js';
import type { HostWeights } from '../network/initial-weights.js';
import type { Network } from '../network/network.js';

/** A term that is added to the loss of each step. */
export interface Penalty {
	readonly of: (weights: DeviceWeights) => tf.Scalar;
	readonly dispose: () => void;
}

/**
 * L2-SP: the backbone's weights are drawn to where the run began, those of the head to 0. Null under other strategies.
 * `start` is the run's, not the attempt's: a resumed run is drawn to the same place.
 */
export function createStartPenalty({ strategy }: RunSpec, network: Network, start: HostWeights): Penalty | null {
	const { kind, alpha = 0, options } = strategy;
	if (kind !== 'L2_SP') return null;
	const learning = network.weights.filter(({ spec }) => learns('ALL', spec.role));
	const anchored = new Set(learning.filter(({ group }) => group !== HEAD_GROUP).map(({ name }) => name));
	const anchors = toDevice(new Map([...start].filter(([name]) => anchored.has(name))));
	return {
		of: (weights) => {
			const pulls = learning.map(({ name }) => {
				const anchor = anchors.get(name) ?? null;
				return pullTowards(weights.get(name) as tf.Tensor, anchor, anchor === null ? Number(options.beta) : alpha);
			});
			return pulls.reduce((sum, pull) => tf.add(sum, pull));
		},
		dispose: () => tf.dispose([...anchors.values()]),
	};
}
