import type { NetworkLayer } from './network-layer.js';

/**
 * Convolutions whose bias the BatchNorm behind them can take up when it normalises by its statistics, for
 * (x + b) - m is x - (m - b): by the name of the BatchNorm. That saves a pass over the largest tensors there are.
 */
export function foldBiases(layers: readonly NetworkLayer[]): ReadonlyMap<string, NetworkLayer> {
	const readers = new Map<string, NetworkLayer[]>();
	for (const layer of layers) {
		for (const name of layer.inputs) readers.set(name, [...(readers.get(name) ?? []), layer]);
	}
	const folded = new Map<string, NetworkLayer>();
	for (const one of layers) {
		if (one.layer.kind !== 'conv2d' || !one.layer.useBias || one.lowRankScale !== undefined) continue;
		const [reader, ...others] = readers.get(one.name) ?? [];
		if (reader?.layer.kind === 'batch-norm' && others.length === 0) folded.set(reader.name, one);
	}
	return folded;
}
