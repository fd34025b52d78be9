import * as tf from '@tensorflow/tfjs-core';

/** Sum of the rows of each segment, as a loop: the gradient of an embedding, which WebAssembly lacks. */
export function unsortedSegmentSum(x: tf.Tensor, segments: tf.Tensor1D, count: number): tf.Tensor {
	const rows = x.dataSync<'float32'>();
	const size = x.size / Math.max(1, segments.size);
	const sums = new Float32Array(count * size);
	segments.dataSync().forEach((segment, row) => {
		if (segment < 0 || segment >= count) return;
		const [to, from] = [segment * size, row * size];
		for (let at = 0; at < size; at++) sums[to + at] = (sums[to + at] as number) + (rows[from + at] as number);
	});
	return tf.tensor(sums, [count, ...x.shape.slice(1)]);
}
