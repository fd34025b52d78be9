import * as tf from '@tensorflow/tfjs-core';

/** Parts of tfjs-node's back end: operations on handles that tfjs-core never sees, such as those of variables. */
interface NativeBackend {
	readonly binding: {
		readonly TF_FLOAT: number;
		readonly TF_ATTR_TYPE: number;
		readonly TF_ATTR_SHAPE: number;
		readonly TF_ATTR_STRING: number;
		readonly TF_ATTR_BOOL: number;
		executeOp(name: string, attributes: readonly object[], inputs: readonly number[], outputs: number): Handle[];
		createTensor(shape: readonly number[], type: number, values: Float32Array): number;
		deleteTensor(id: number): void;
	};
	getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
	createOutputTensor(handle: Handle): tf.Tensor;
}

interface Handle {
	readonly id: number;
}

export interface AdamNumbers {
	/** Rate with the bias correction in it. */
	readonly rate: number;
	readonly beta1: number;
	readonly beta2: number;
	readonly epsilon: number;
}

/** TensorFlow's name for a variable that goes with its last handle. */
const ANONYMOUS = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

/**
 * Adam's update by TensorFlow's own operation, which passes over the weight once instead of a dozen times. It is given
 * weight, momentum and velocity, and answers with new ones; those that it was given are gone, so that their memory can
 * be written to. Whoever holds a clone of one keeps its numbers. Null where another back end computes.
 */
export function nativeAdam():
	| ((old: readonly tf.Tensor[], gradient: tf.Tensor, by: AdamNumbers) => tf.Tensor[])
	| null {
	if (tf.getBackend() !== 'tensorflow') return null;
	const backend = tf.backend() as unknown as NativeBackend;
	const { binding } = backend;
	const type = (name: string) => ({ name, type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT });
	const text = (name: string, value: string) => ({ name, type: binding.TF_ATTR_STRING, value });
	const run = (name: string, attributes: object[], inputs: number[], outputs: number) =>
		binding.executeOp(name, attributes, inputs, outputs)[0] as Handle;
	const flag = (name: string) => ({ name, type: binding.TF_ATTR_BOOL, value: false });

	const variableOf = (tensor: tf.Tensor): number => {
		const shape = { name: 'shape', type: binding.TF_ATTR_SHAPE, value: tensor.shape };
		const attributes = [type('dtype'), shape, text('container', ''), text('shared_name', ANONYMOUS)];
		const { id } = run('VarHandleOp', attributes, [], 1);
		run('AssignVariableOp', [type('dtype')], [id, ...backend.getInputTensorIds([tensor])], 0);
		tensor.dispose();
		return id;
	};
	return (old, gradient, { rate, beta1, beta2, epsilon }) => {
		const variables = old.map(variableOf);
		const numbers = [0, 0, rate, beta1, beta2, epsilon].map((value) =>
			binding.createTensor([], binding.TF_FLOAT, Float32Array.of(value)),
		);
		const attributes = [type('T'), flag('use_locking'), flag('use_nesterov')];
		const inputs = [...variables, ...numbers, ...backend.getInputTensorIds([gradient])];
		run('ResourceApplyAdam', attributes, inputs, 0);
		const updated = variables.map((id) => backend.createOutputTensor(run('ReadVariableOp', [type('dtype')], [id], 1)));
		for (const id of [...variables, ...numbers]) binding.deleteTensor(id);
		return updated;
	};
}
