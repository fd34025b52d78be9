import type { LayerSummary, WeightSpec } from '../architecture/architecture.js';
import type { Strategy } from '../strategy/strategy.js';

/**
 * The two factors of a layer's low-rank update under LORA, or none where the layer gets no update. The kernel counts as a
 * matrix whose columns are its outputs, so that a convolution's first factor is a convolution of the same windows into
 * `rank` channels and the second one mixes them (as in PEFT): rank (rows + columns) numbers.
 */
export function adapterWeights(layer: LayerSummary, { kind, rank, options }: Strategy): readonly WeightSpec[] {
	const { kind: layerKind, name } = layer.layer;
	if (kind !== 'LORA' || rank === undefined || (layerKind !== 'conv2d' && layerKind !== 'dense')) return [];
	if (Array.isArray(options.targets) && !options.targets.some((end) => name.endsWith(String(end)))) return [];
	const kernel = layer.weights.find((weight) => weight.role === 'kernel');
	const columns = kernel?.shape.at(-1);
	if (kernel === undefined || columns === undefined) return [];
	const rows = kernel.shape.slice(0, -1).reduce((product, size) => product * size, 1);
	return [
		{ name: `${name}/lora_a`, role: 'lora-a', shape: [rows, rank], fanIn: rows, fanOut: rank },
		{ name: `${name}/lora_b`, role: 'lora-b', shape: [rank, columns], fanIn: rank, fanOut: columns },
	];
}

/** What the product of the factors counts: alpha / rank, or alpha / sqrt(rank) with rank-stabilised scaling (rsLoRA). */
export function adapterScale({ rank = 1, alpha = 1, options }: Strategy): number {
	return alpha / (options.rankStabilized === true ? Math.sqrt(rank) : rank);
}

/** A group's updates: their numbers, and multiply-accumulates of one forward pass through them. */
export interface AdapterCount {
	readonly parameters: number;
	readonly macs: number;
}

export function countAdapters(layers: readonly LayerSummary[], group: string, strategy: Strategy): AdapterCount {
	let parameters = 0;
	let macs = 0;
	for (const layer of layers.filter((one) => one.group === group)) {
		const numbers = adapterWeights(layer, strategy).reduce(
			(sum, { shape }) => sum + (shape[0] ?? 0) * (shape[1] ?? 0),
			0,
		);
		const kernel = layer.weights.find((weight) => weight.role === 'kernel')?.shape ?? [];
		// The kernel is used once at each position, and so are the factors.
		const positions = layer.macs / kernel.reduce((product, size) => product * size, 1);
		parameters += numbers;
		macs += numbers * positions;
	}
	return { parameters, macs };
}
