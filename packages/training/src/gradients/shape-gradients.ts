import * as tf from '@tensorflow/tfjs-core';

/** The operation undone: the axes back where they were. */
export const transposeGradient: tf.GradConfig = {
	kernelName: tf.Transpose,
	gradFunc: (dy, _, attributes) => {
		const order = attributes.perm as number[];
		return { x: () => tf.transpose(dy as tf.Tensor, tf.backend_util.getUndoAxesPermutation(order)) };
	},
};

export const concatGradient: tf.GradConfig = {
	kernelName: tf.Concat,
	saveAllInputs: true,
	gradFunc: (dy, saved, attributes) => {
		const [first] = saved as [tf.Tensor];
		const axis = tf.util.parseAxisParam(attributes.axis as number, first.shape)[0] ?? 0;
		let begin = 0;
		return Object.fromEntries(
			saved.map((input, index) => {
				const from = begin;
				begin += input.shape[axis] ?? 0;
				const part = () =>
					tf.slice(
						dy as tf.Tensor,
						input.shape.map((_, at) => (at === axis ? from : 0)),
						input.shape,
					);
				return [String(index), part];
			}),
		);
	},
};

export const padGradient: tf.GradConfig = {
	kernelName: tf.PadV2,
	inputsToSave: ['x'],
	gradFunc: (dy, saved, attributes) => {
		const [x] = saved as [tf.Tensor];
		const begin = (attributes.paddings as [number, number][]).map(([before]) => before);
		return { x: () => tf.slice(dy as tf.Tensor, begin, x.shape) };
	},
};

export const sliceGradient: tf.GradConfig = {
	kernelName: tf.Slice,
	inputsToSave: ['x'],
	gradFunc: (dy, saved, attributes) => {
		const [x] = saved as [tf.Tensor];
		const begin = attributes.begin as number | number[];
		const size = (dy as tf.Tensor).shape;
		const paddings = x.shape.map((length, axis): [number, number] => {
			const from = (typeof begin === 'number' ? [begin] : begin)[axis] ?? 0;
			return [from, length - from - (size[axis] ?? 0)];
		});
		return { x: () => tf.pad(dy as tf.Tensor, paddings) };
	},
};

/** Only floats have gradients, and among them a cast is none. */
export const castGradient: tf.GradConfig = {
	kernelName: tf.Cast,
	gradFunc: (dy) => ({ x: () => dy as tf.Tensor }),
};

/** Of rows of a table: each row's gradient is the sum over the places that read it. */
export const gatherGradient: tf.GradConfig = {
	kernelName: tf.GatherV2,
	inputsToSave: ['x', 'indices'],
	gradFunc: (dy, saved, attributes) => {
		const [x, indices] = saved as [tf.Tensor, tf.Tensor1D];
		if (attributes.axis !== 0) throw new Error('only rows can be gathered');
		return { x: () => tf.unsortedSegmentSum(dy as tf.Tensor, indices, x.shape[0] ?? 0) };
	},
};
