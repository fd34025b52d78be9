import type { LayerSpec } from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';

/** Score of a padded token: its weight after the softmax is 0 in float32. */
const PADDED = -1e9;

/** Rows of the table: by token id, by position, or by segment. The input is batch x 3 x tokens. */
export function embedding(
	{ of, units }: Extract<LayerSpec, { kind: 'embedding' }>,
	input: tf.Tensor,
	table: tf.Tensor,
): tf.Tensor {
	const [batch = 0, , length = 0] = input.shape;
	// Positions are the same for every text: one row a position, which the sum repeats.
	if (of === 'positions') {
		const rows = tf.slice(table, [0, 0], [length, units]);
		return tf.add(tf.reshape(rows, [1, length, units]), tf.zeros([batch, length, units]));
	}
	const ids = tf.slice(input, [0, of === 'tokens' ? 0 : 2, 0], [-1, 1, -1]);
	const rows = tf.gather(table, tf.cast(tf.reshape(ids, [batch * length]), 'int32'));
	return tf.reshape(rows, [batch, length, units]);
}

/**
 * softmax(Q K' / sqrt(features of a head)) V, head by head (Vaswani et al. 2017). Queries, keys and values are batch x
 * tokens x features; the mask, batch x tokens, is 0 where there is padding, which nobody looks at. A causal token looks at
 * none behind it either.
 */
export function attention(
	{ heads, causal = false }: Pick<Extract<LayerSpec, { kind: 'attention' }>, 'heads' | 'causal'>,
	inputs: readonly tf.Tensor[],
	drop: (weights: tf.Tensor) => tf.Tensor,
): tf.Tensor {
	const [queries, keys, values, mask] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
	const [batch = 0, length = 0, units = 0] = queries.shape;
	const size = units / heads;
	const apart = (x: tf.Tensor, order: number[]) => {
		const split = tf.transpose(tf.reshape(x, [batch, length, heads, size]), order);
		return tf.reshape(split, [batch * heads, split.shape[2] ?? 0, split.shape[3] ?? 0]) as tf.Tensor3D;
	};
	const products = tf.matMul(apart(queries, [0, 2, 1, 3]), apart(keys, [0, 2, 3, 1]));
	const scores = tf.reshape(tf.mul(products, 1 / Math.sqrt(size)), [batch, heads, length, length]);
	const padded = tf.mul(tf.sub(1, tf.reshape(mask, [batch, 1, 1, length])), PADDED);
	const hidden = causal ? tf.minimum(padded, laterTokens(length)) : padded;
	const weights = drop(tf.softmax(tf.add(scores, hidden)));
	const mixed = tf.matMul(
		tf.reshape(weights, [batch * heads, length, length]) as tf.Tensor3D,
		apart(values, [0, 2, 1, 3]),
	);
	const together = tf.transpose(tf.reshape(mixed, [batch, heads, length, size]), [0, 2, 1, 3]);
	return tf.reshape(together, [batch, length, units]);
}

/** tokens x tokens: 0 for what a token may see, itself and those before it. */
function laterTokens(length: number): tf.Tensor {
	const scores = Float32Array.from({ length: length * length }, (_, at) =>
		at % length > Math.floor(at / length) ? PADDED : 0,
	);
	return tf.tensor(scores, [1, 1, length, length]);
}

/** Features of each text's last token that is no padding: behind it the mask falls from 1 to 0, or ends. */
export function lastToken(tokens: tf.Tensor, mask: tf.Tensor): tf.Tensor {
	const [batch = 0, length = 0, units = 0] = tokens.shape;
	const next = tf.pad(tf.slice(mask, [0, 1], [-1, -1]), [
		[0, 0],
		[0, 1],
	]);
	const isLast = tf.reshape(tf.relu(tf.sub(mask, next)), [batch, 1, length]);
	return tf.reshape(tf.matMul(isLast as tf.Tensor3D, tokens as tf.Tensor3D), [batch, units]);
}
