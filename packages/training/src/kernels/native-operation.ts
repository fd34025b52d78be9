import * as tf from '@tensorflow/tfjs-core';

/** What of tfjs-node's back end runs an operation that tfjs-core does not know. */
interface NativeBackend {
	readonly binding: Readonly<
		Record<'TF_FLOAT' | 'TF_ATTR_TYPE' | 'TF_ATTR_FLOAT' | 'TF_ATTR_BOOL' | 'TF_ATTR_STRING', number>
	>;
	executeMultipleOutputs(
		name: string,
		attributes: readonly object[],
		inputs: readonly tf.Tensor[],
		outputs: number,
	): tf.Tensor[];
}

interface OperationCall {
	readonly inputs: readonly tf.Tensor[];
	readonly outputs: number;
	/** Attributes of TensorFlow's element types; all are float32 here. */
	readonly types?: readonly string[];
	readonly settings?: Readonly<Record<string, number | boolean | string>>;
}

/** Runs one of TensorFlow's own operations; null where another back end computes. */
export function nativeOperation(): ((name: string, call: OperationCall) => tf.Tensor[]) | null {
	if (tf.getBackend() !== 'tensorflow') return null;
	const backend = tf.backend() as unknown as NativeBackend;
	const { binding } = backend;
	const kinds = { number: binding.TF_ATTR_FLOAT, boolean: binding.TF_ATTR_BOOL, string: binding.TF_ATTR_STRING };
	return (name, { inputs, outputs, types = ['T'], settings = {} }) => {
		const attributes = [
			...types.map((one) => ({ name: one, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT })),
			...Object.entries(settings).map(([one, value]) => ({
				name: one,
				type: kinds[typeof value as keyof typeof kinds],
				value,
			})),
		];
		return backend.executeMultipleOutputs(name, attributes, inputs, outputs);
	};
}
