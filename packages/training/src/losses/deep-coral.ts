import * as tf from '@tensorflow/tfjs-core';

/**
 * How far covariances are apart. `paper` (Sun and Saenko 2016): |Cs - Ct|^2 / (4 d^2) over d features. `tllib`: the mean
 * square of Cs - Ct plus the mean square of the difference of the means. Covariances are unbiased (n - 1), so that a batch
 * of one example has none: it then counts as no distance of covariances.
 */
export type CoralVariant = 'paper' | 'tllib';

/** Distance of the second moments of source features [n, d] and target features [m, d]. */
export function deepCoral(source: tf.Tensor, target: tf.Tensor, variant: CoralVariant = 'paper'): tf.Scalar {
	const features = source.shape[1] ?? 1;
	const isPaper = variant === 'paper';
	const scale = (isPaper ? 1 / 4 : 1) / features ** 2;
	const operation = tf.customGrad((s, t, save) => {
		const [one, other] = [s as tf.Tensor2D, t as tf.Tensor2D].map(centre) as [Centred, Centred];
		const comparable = one.rows > 1 && other.rows > 1;
		const apart = comparable ? tf.sub(covariance(one), covariance(other)) : tf.zeros([features, features]);
		const shift = isPaper ? tf.zeros([1, features]) : tf.sub(one.mean, other.mean);
		(save as (tensors: tf.Tensor[]) => void)([one.values, other.values, apart, shift]);
		const value = tf.add(
			tf.mul(tf.sum(tf.square(apart)), scale),
			tf.mul(tf.sum(tf.square(shift)), 1 / features),
		) as tf.Scalar;
		const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
			const [left, right, difference, move] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
			const by = (values: tf.Tensor2D, sign: number) => {
				const rows = values.shape[0];
				const spread = tf.mul(tf.matMul(values, difference), (sign * 4 * scale) / Math.max(1, rows - 1));
				const level = tf.mul(move, (sign * 2) / (features * rows));
				return tf.mul(tf.add(spread, level), dy);
			};
			return [by(left, 1), by(right, -1)];
		};
		return { value, gradFunc };
	});
	return operation(source, target) as tf.Scalar;
}

interface Centred {
	readonly rows: number;
	readonly mean: tf.Tensor2D;
	readonly values: tf.Tensor2D;
}

function centre(x: tf.Tensor2D): Centred {
	const mean = tf.mean(x, 0, true) as tf.Tensor2D;
	return { rows: x.shape[0], mean, values: tf.sub(x, mean) };
}

const covariance = ({ rows, values }: Centred): tf.Tensor2D =>
	tf.mul(tf.matMul(values, values, true, false), 1 / (rows - 1));
