import * as tf from '@tensorflow/tfjs-core';

/** `biased` counts each example's kernel with itself (never below 0), `unbiased` leaves those out. */
export type MmdEstimator = 'biased' | 'unbiased';

/** tllib's five kernels: their variances are these multiples of the mean squared distance. */
const TLLIB_MULTIPLES = [2 ** -3, 2 ** -2, 2 ** -1, 1, 2];

/**
 * Variances of tllib's kernels: multiples of the mean of all squared distances in the joint batch, those of an example to
 * itself among them. They count as constants: no gradient goes through them.
 */
export function tllibVariances(source: tf.Tensor, target: tf.Tensor): tf.Tensor[] {
	return tf.tidy(() => {
		const mean = tf.mean(squaredDistances(tf.concat([source, target], 0) as tf.Tensor2D));
		// Where all features are equal every kernel is 1 whatever its variance; 0 would make it NaN.
		const safe = tf.maximum(mean, 1e-12);
		return TLLIB_MULTIPLES.map((multiple) => tf.mul(safe, multiple));
	});
}

/**
 * Squared maximum mean discrepancy of source features [n, d] and target features [m, d] under the sum of the Gaussian
 * kernels exp(-|x - y|^2 / (2 variance)) (Gretton et al. 2012; DAN, Long et al. 2015).
 */
export function mmd(
	source: tf.Tensor,
	target: tf.Tensor,
	variances: readonly tf.Tensor[],
	estimator: MmdEstimator,
): tf.Scalar {
	const [n, m] = [source.shape[0] ?? 0, target.shape[0] ?? 0];
	const operation = tf.customGrad((s, t, save) => {
		const joint = tf.concat([s as tf.Tensor, t as tf.Tensor], 0) as tf.Tensor2D;
		const distances = squaredDistances(joint);
		const weights = pairWeights(n, m, estimator);
		let value = tf.scalar(0);
		let slope: tf.Tensor = tf.zerosLike(distances);
		for (const variance of variances) {
			const weighted = tf.mul(weights, tf.exp(tf.div(distances, tf.mul(variance, -2))));
			value = tf.add(value, tf.sum(weighted));
			// By the squared distance.
			slope = tf.add(slope, tf.div(weighted, tf.mul(variance, -2)));
		}
		(save as (tensors: tf.Tensor[]) => void)([joint, slope]);
		const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
			const [points, by] = saved as [tf.Tensor2D, tf.Tensor2D];
			// Each pair stands in the sum twice: 4 sum_j by_ij (x_i - x_j).
			const sums = tf.sum(by, 1, true);
			const gradient = tf.mul(tf.sub(tf.mul(sums, points), tf.matMul(by, points)), tf.mul(dy, 4)) as tf.Tensor2D;
			const columns = points.shape[1];
			return [tf.slice(gradient, [0, 0], [n, columns]), tf.slice(gradient, [n, 0], [m, columns])];
		};
		return { value, gradFunc };
	});
	return operation(source, target) as tf.Scalar;
}

/** |x_i - x_j|^2 of all rows. */
export function squaredDistances(x: tf.Tensor2D): tf.Tensor2D {
	const norms = tf.sum(tf.square(x), 1, true);
	const products = tf.matMul(x, x, false, true);
	const distances = tf.sub(tf.add(norms, tf.reshape(norms, [1, -1])), tf.mul(products, 2));
	// Rounding may leave a little less than 0.
	return tf.relu(distances) as tf.Tensor2D;
}

/** How much each pair of the joint batch counts: within a domain positive, across negative. */
function pairWeights(n: number, m: number, estimator: MmdEstimator): tf.Tensor2D {
	const own = (count: number, isSame: boolean) => {
		if (estimator === 'biased') return 1 / count ** 2;
		return isSame || count < 2 ? 0 : 1 / (count * (count - 1));
	};
	const size = n + m;
	const values = Float32Array.from({ length: size * size }, (_, at) => {
		const [row, column] = [Math.floor(at / size), at % size];
		if (row < n !== column < n) return -1 / (n * m);
		return own(row < n ? n : m, row === column);
	});
	return tf.tensor2d(values, [size, size]);
}
