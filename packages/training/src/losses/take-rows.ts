import * as tf from '@tensorflow/tfjs-core';

/** Rows `begin` to `begin + count` of a matrix; the gradient of the others is 0. */
export function takeRows(x: tf.Tensor, begin: number, count: number): tf.Tensor {
	const operation = tf.customGrad((matrix, _save) => {
		const input = matrix as tf.Tensor2D;
		const [rows, columns] = input.shape;
		const gradFunc = (dy: tf.Tensor) =>
			tf.concat(
				[tf.zeros([begin, columns]), dy as tf.Tensor2D, tf.zeros([rows - begin - count, columns])].filter(
					(part) => part.size > 0,
				) as tf.Tensor2D[],
				0,
			);
		return { value: tf.slice(input, [begin, 0], [count, columns]), gradFunc };
	});
	return operation(x);
}
