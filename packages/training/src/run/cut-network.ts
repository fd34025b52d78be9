import type { LayerSpec } from '@graft/domain/architecture';
import type { NetworkLayer } from '../network/network.js';

export interface CutNetwork {
	/** Its last layer's output is all that the tail needs to know of an example. */
	readonly trunk: readonly NetworkLayer[];
	readonly tail: readonly NetworkLayer[];
}

/**
 * Cuts a network before the layer at this position. Where several tensors cross the cut (in the middle of a residual
 * block, or beside the mask of a Transformer), the trunk ends by laying them side by side and the tail begins by taking
 * them apart, so that one tensor crosses always.
 */
export function cutNetwork(layers: readonly NetworkLayer[], position: number): CutNetwork {
	const [below, above] = [layers.slice(0, position), layers.slice(position)];
	const read = new Set(above.flatMap(({ inputs }) => inputs));
	const crossing = below.filter(({ name }) => read.has(name));
	const given = new Set(layers.map(({ name }) => name));
	const readsInput = above.some(({ inputs }) => inputs.some((name) => !given.has(name)));
	// The input itself is no layer's output: then nothing is gained, and nothing can be packed.
	if (below.length === 0 || readsInput) return { trunk: [], tail: layers };
	const last = below.at(-1);
	// Without a tail the trunk's output is the network's.
	if (above.length === 0 || (crossing.length === 1 && crossing[0] === last)) return { trunk: below, tail: above };
	return { trunk: [...below, ...pack(crossing)], tail: [...unpack(crossing), ...above] };
}

const PACKED = 'cut/packed';

function pack(crossing: readonly NetworkLayer[]): NetworkLayer[] {
	const flat = crossing.map((one) =>
		synthetic({ kind: 'flatten', name: `cut/${one.name}` }, one.group, [one.name], [sizeOf(one)]),
	);
	const size = crossing.reduce((sum, one) => sum + sizeOf(one), 0);
	const names = flat.map(({ name }) => name);
	const group = crossing.at(-1)?.group ?? '';
	return [...flat, synthetic({ kind: 'concat', name: PACKED }, group, names, [size])];
}

/** Under the names that the layers above read. */
function unpack(crossing: readonly NetworkLayer[]): NetworkLayer[] {
	let begin = 0;
	return crossing.map((one) => {
		const layer: LayerSpec = { kind: 'take', name: one.name, begin, shape: one.outputShape };
		begin += sizeOf(one);
		return synthetic(layer, one.group, [PACKED], one.outputShape);
	});
}

function synthetic(
	layer: LayerSpec,
	group: string,
	inputs: readonly string[],
	outputShape: readonly number[],
): NetworkLayer {
	return { name: layer.name, group, layer, inputs, outputShape, weights: [] };
}

const sizeOf = ({ outputShape }: NetworkLayer): number => outputShape.reduce((product, size) => product * size, 1);
