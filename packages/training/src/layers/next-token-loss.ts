import * as tf from '@tensorflow/tfjs-core';

type SaveTensors = (tensors: tf.Tensor[]) => void;

/** Stands in `targets` where there is no token to foretell: padding, and the end of a text. */
export const NO_TOKEN = -1;

/**
 * Mean over the tokens to foretell of -log softmax(scores)[target]: cross-entropy with padding masked. Scores are texts x
 * tokens x vocabulary; `targets` has a number for each token of each text, the id of the one that comes next.
 */
export function nextTokenLoss(scores: tf.Tensor, targets: Float32Array): tf.Scalar {
	const vocabulary = scores.shape.at(-1) ?? 1;
	const share = 1 / Math.max(1, countTokens(targets));
	const operation = tf.customGrad((input, save) => {
		const { losses, logSums, wanted, counts } = tokenLosses(input as tf.Tensor, targets);
		(save as SaveTensors)([input as tf.Tensor, logSums, wanted, counts]);
		const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
			const [given, sums, hot, counted] = saved as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
			const probabilities = tf.exp(tf.sub(tf.reshape(given, [-1, vocabulary]), sums));
			const off = tf.mul(tf.sub(probabilities, hot), tf.mul(counted, tf.mul(dy, share)));
			return tf.reshape(off, given.shape);
		};
		return { value: tf.mul(tf.sum(losses), share) as tf.Scalar, gradFunc };
	});
	return operation(scores) as tf.Scalar;
}

/** -log softmax(scores)[target] of each token, 0 where there is none to foretell: texts x tokens. */
export function nextTokenLosses(scores: tf.Tensor, targets: Float32Array): tf.Tensor {
	return tf.tidy(() => tf.reshape(tokenLosses(scores, targets).losses, scores.shape.slice(0, -1)));
}

export const countTokens = (targets: Float32Array): number =>
	targets.reduce((count, target) => (target === NO_TOKEN ? count : count + 1), 0);

function tokenLosses(scores: tf.Tensor, targets: Float32Array) {
	const vocabulary = scores.shape.at(-1) ?? 1;
	const rows = tf.reshape(scores, [-1, vocabulary]);
	const largest = tf.max(rows, 1, true);
	const logSums = tf.add(tf.log(tf.sum(tf.exp(tf.sub(rows, largest)), 1, true)), largest);
	const ids = Int32Array.from(targets, (target) => Math.max(0, target));
	const wanted = tf.oneHot(tf.tensor1d(ids, 'int32'), vocabulary) as tf.Tensor;
	const counts = tf.tensor2d(
		Float32Array.from(targets, (target) => Number(target !== NO_TOKEN)),
		[targets.length, 1],
	);
	const own = tf.sum(tf.mul(rows, tf.cast(wanted, 'float32')), 1, true);
	return { losses: tf.mul(tf.sub(logSums, own), counts), logSums, wanted: tf.cast(wanted, 'float32'), counts };
}
