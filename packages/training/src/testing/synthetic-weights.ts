import type { WeightSpec } from '@graft/domain/architecture';
import { fnv1a, mulberry32 } from '@graft/domain/random';
import type { HostWeights } from '../network/initial-weights.js';
import type { NetworkLayer } from '../network/network.js';

/** Numbers from -1 to 1 that depend on the name alone, so that networks in other libraries can be given the same. */
export function drawByName(name: string, shape: readonly number[]): Float32Array {
	const random = mulberry32(fnv1a(name));
	return Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, () => 2 * random() - 1);
}

/** Every weight of these layers from `fill`, by its name within its part of the network. */
export function syntheticWeights(
	layers: readonly NetworkLayer[],
	fill: (spec: WeightSpec) => Float32Array,
): HostWeights {
	const weights = layers.flatMap((layer) => layer.weights);
	return new Map(weights.map(({ name, spec }) => [name, { shape: spec.shape, values: fill(spec) }]));
}
