import { type LayerSpec, zerosAround } from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';
import { addBias } from './add-bias.js';
import { attention, embedding, lastToken } from './attention.js';
import { type Moments, normalizeByBatch, normalizeByStatistics } from './batch-norm.js';
import { gelu } from './gelu.js';
import { layerNorm } from './layer-norm.js';

/** What a layer needs beside its inputs. */
export interface LayerContext {
	/** The layer's variable by Keras' name: `kernel`, `bias`, `gamma`, … */
	readonly weight: (variable: string) => tf.Tensor;
	/** BatchNorm normalises by the batch and reports its moments; else by the moving statistics. */
	readonly batchStatistics: boolean;
	readonly onMoments: (moments: Moments) => void;
	/** 0 or 1 / (1 - rate) for each number of the shape; null where dropout is off. */
	readonly dropoutMask: ((shape: readonly number[], rate: number) => tf.Tensor) | null;
}

/** The layer's output for a batch of inputs; a layer that reads one tensor has one. */
export function forwardLayer(layer: LayerSpec, inputs: readonly tf.Tensor[], context: LayerContext): tf.Tensor {
	const { weight } = context;
	const x = inputs[0] as tf.Tensor;
	const dropped = (tensor: tf.Tensor, rate: number) =>
		context.dropoutMask === null || rate === 0 ? tensor : tf.mul(tensor, context.dropoutMask(tensor.shape, rate));
	switch (layer.kind) {
		case 'conv2d': {
			const y = tf.conv2d(x as tf.Tensor4D, weight('kernel') as tf.Tensor4D, layer.strides, layer.padding);
			return layer.useBias ? addBias(y, weight('bias')) : y;
		}
		case 'depthwise-conv2d':
			return tf.depthwiseConv2d(x as tf.Tensor4D, weight('kernel') as tf.Tensor4D, layer.strides, layer.padding);
		case 'zero-pad': {
			const [rows, columns] = zerosAround(layer, x.shape.slice(1));
			return tf.pad(x, [[0, 0], [...rows], [...columns], [0, 0]]);
		}
		case 'max-pool':
			return tf.maxPool(x as tf.Tensor4D, layer.size, layer.strides ?? layer.size, layer.padding ?? 'valid');
		case 'average-pool':
			return tf.avgPool(x as tf.Tensor4D, layer.size, layer.strides, layer.padding);
		case 'global-pool':
			return layer.pooling === 'average' ? tf.mean(x, [1, 2]) : tf.max(x, [1, 2]);
		case 'batch-norm': {
			const beta = weight('beta');
			const gamma = layer.scale === false ? tf.fill(beta.shape, 1) : weight('gamma');
			if (context.batchStatistics) return normalizeByBatch(x, gamma, beta, layer.epsilon, context.onMoments);
			const [mean, variance] = [weight('moving_mean'), weight('moving_variance')];
			return normalizeByStatistics(x, { gamma, beta, mean, variance }, layer.epsilon);
		}
		case 'layer-norm':
			return layerNorm(x, weight('gamma'), weight('beta'), layer.epsilon);
		case 'embedding':
			return embedding(layer, x, weight('embeddings'));
		case 'attention-mask':
			return row(x, 1);
		case 'attention':
			return attention(layer, inputs, (weights) => dropped(weights, layer.dropout));
		case 'first-token':
			return tf.reshape(tf.slice(x, [0, 0, 0], [-1, 1, -1]), [x.shape[0] ?? 0, x.shape[2] ?? 0]);
		case 'last-token':
			return lastToken(x, inputs[1] as tf.Tensor);
		case 'unembedding': {
			const rows = tf.reshape(x, [-1, x.shape.at(-1) ?? 0]) as tf.Tensor2D;
			const scores = tf.matMul(rows, tf.transpose(weight('embeddings')) as tf.Tensor2D);
			return tf.reshape(scores, [...x.shape.slice(0, -1), layer.units]);
		}
		case 'columns':
			return tf.slice(
				x,
				[...x.shape.slice(1).map(() => 0), layer.begin],
				[...x.shape.slice(1).map(() => -1), layer.units],
			);
		case 'softmax':
			return tf.softmax(x);
		case 'relu':
			return tf.relu(x);
		case 'relu6':
			return tf.relu6(x);
		case 'tanh':
			return tf.tanh(x);
		case 'gelu':
			return gelu(x, layer.approximation);
		case 'add':
			return inputs.slice(1).reduce((sum, one) => tf.add(sum, one), x);
		case 'concat':
			return tf.concat([...inputs], -1);
		case 'flatten':
			return tf.reshape(x, [x.shape[0] ?? 0, -1]);
		case 'take': {
			const size = layer.shape.reduce((product, one) => product * one, 1);
			return tf.reshape(tf.slice(x, [0, layer.begin], [-1, size]), [x.shape[0] ?? 0, ...layer.shape]);
		}
		case 'dropout':
			return dropped(x, layer.rate);
		case 'dense': {
			// One product for all tokens of all examples.
			const rows = tf.reshape(x, [-1, x.shape.at(-1) ?? 0]);
			const y = addBias(tf.matMul(rows as tf.Tensor2D, weight('kernel') as tf.Tensor2D), weight('bias'));
			return x.shape.length === 2 ? y : tf.reshape(y, [...x.shape.slice(0, -1), layer.units]);
		}
	}
}

/** One row of a batch of texts. */
const row = (x: tf.Tensor, at: number): tf.Tensor =>
	tf.reshape(tf.slice(x, [0, at, 0], [-1, 1, -1]), [x.shape[0] ?? 0, x.shape[2] ?? 0]);
