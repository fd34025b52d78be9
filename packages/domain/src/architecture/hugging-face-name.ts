import type { HuggingFaceFormat, WeightSpec } from './architecture.js';

export interface HuggingFaceTensor {
	/** Name in the state dict, without the model's prefix such as `bert.`. */
	readonly name: string;
	/** PyTorch keeps a linear layer's kernel as outputs x inputs; ours is inputs x outputs, as in Keras. */
	readonly isTransposed: boolean;
}

/** Where a Transformer's weight is in a Hugging Face checkpoint. Layers bear the names of their modules there. */
export function huggingFaceTensor(
	{ name, role }: WeightSpec,
	{ transposesKernels }: Pick<HuggingFaceFormat, 'transposesKernels'>,
): HuggingFaceTensor {
	const module = name.slice(0, name.lastIndexOf('/'));
	return {
		name: `${module}.${role === 'bias' ? 'bias' : 'weight'}`,
		isTransposed: transposesKernels && role === 'kernel',
	};
}
