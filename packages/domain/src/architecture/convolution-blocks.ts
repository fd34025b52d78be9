import type { LayerSpec, Padding } from './architecture.js';

interface Convolution {
	readonly filters: number;
	readonly kernelSize: number | readonly [height: number, width: number];
	readonly strides?: number;
	readonly padding?: Padding;
	readonly useBias?: boolean;
	readonly inputs?: readonly string[];
}

export function conv(
	name: string,
	{ strides = 1, padding = 'same', useBias = false, ...rest }: Convolution,
): LayerSpec {
	return { kind: 'conv2d', name, strides, padding, useBias, ...rest };
}

/** For a table of layers: nothing where the condition does not hold. */
export const when = (condition: boolean, ...layers: readonly LayerSpec[]): readonly LayerSpec[] =>
	condition ? layers : [];

/** The classifier of ImageNet's classes with which Keras' networks end. */
export const predictions = (): readonly LayerSpec[] => [
	{ kind: 'dense', name: 'predictions', units: 1000 },
	{ kind: 'softmax', name: 'predictions_softmax' },
];

/** The same on the average over the image. */
export const pooledPredictions = (pool: string): readonly LayerSpec[] => [
	{ kind: 'global-pool', name: pool, pooling: 'average' },
	...predictions(),
];
