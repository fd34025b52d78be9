import type { LayerSpec, WeightRole, WeightSpec } from './architecture.js';

/** One number a channel. */
export function vector(layer: LayerSpec, variable: string, role: WeightRole, size: number): WeightSpec {
	return { name: `${layer.name}/${variable}`, role, shape: [size], fanIn: size, fanOut: size };
}

export function kernel(layer: LayerSpec, shape: readonly number[], fanIn: number, fanOut: number): WeightSpec {
	return { name: `${layer.name}/kernel`, role: 'kernel', shape, fanIn, fanOut };
}
