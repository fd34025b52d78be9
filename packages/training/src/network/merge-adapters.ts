import type { FloatTensor } from '../safetensors/index.js';
import type { HostWeights } from './initial-weights.js';
import type { Network } from './network.js';

/**
 * The weights with each low-rank update added to its kernel, so that the plain architecture gives what the adapted one
 * gave; the factors stay beside it, and `kernel - scale A B` is the kernel before. Sums in float64, rounded once.
 */
export function mergeAdapters(network: Network, weights: HostWeights): HostWeights {
	const merged = new Map(weights);
	for (const { name, lowRankScale } of network.layers) {
		if (lowRankScale === undefined) continue;
		const [kernel, a, b] = ['kernel', 'lora_a', 'lora_b'].map((variable) => weights.get(`${name}/${variable}`));
		if (kernel === undefined || a === undefined || b === undefined) continue;
		merged.set(`${name}/kernel`, { shape: kernel.shape, values: addProduct(kernel.values, a, b, lowRankScale) });
	}
	return merged;
}

function addProduct(kernel: Float32Array, a: FloatTensor, b: FloatTensor, scale: number): Float32Array {
	const rank = a.shape[1] ?? 0;
	const columns = b.shape[1] ?? 0;
	return kernel.map((value, at) => {
		const [row, column] = [Math.floor(at / columns), at % columns];
		let sum = 0;
		for (let k = 0; k < rank; k++) sum += (a.values[row * rank + k] ?? 0) * (b.values[k * columns + column] ?? 0);
		return value + scale * sum;
	});
}
