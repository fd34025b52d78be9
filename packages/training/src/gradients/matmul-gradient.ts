import * as tf from '@tensorflow/tfjs-core';

/** Of a product of plain matrices (no operand transposed), which is the only product that the layers use. */
export const matMulGradient: tf.GradConfig = {
	kernelName: tf.BatchMatMul,
	inputsToSave: ['a', 'b'],
	gradFunc: (dy, saved, attributes) => {
		const [a, b] = saved as [tf.Tensor, tf.Tensor];
		if (attributes.transposeA || attributes.transposeB) throw new Error('no gradient for a transposed operand');
		return {
			a: () => tf.matMul(dy as tf.Tensor, b, false, true),
			b: () => tf.matMul(a, dy as tf.Tensor, true, false),
		};
	},
};
