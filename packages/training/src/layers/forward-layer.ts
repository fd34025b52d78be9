import type { LayerSpec } from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';
import { type Moments, normalizeByBatch, normalizeByStatistics } from './batch-norm.js';

/** What a layer needs beside its input. */
export interface LayerContext {
	/** The layer's variable by Keras' name: `kernel`, `bias`, `gamma`, … */
	readonly weight: (variable: string) => tf.Tensor;
	/** BatchNorm normalises by the batch and reports its moments; else by the moving statistics. */
	readonly batchStatistics: boolean;
	readonly onMoments: (moments: Moments) => void;
	/** 0 or 1 / (1 - rate) for each number of the shape; null where dropout is off. */
	readonly dropoutMask: ((shape: readonly number[], rate: number) => tf.Tensor) | null;
}

/** The layer's output for a batch of inputs. */
export function forwardLayer(layer: LayerSpec, x: tf.Tensor, context: LayerContext): tf.Tensor {
	const { weight } = context;
	switch (layer.kind) {
		case 'conv2d': {
			const y = tf.conv2d(x as tf.Tensor4D, weight('kernel') as tf.Tensor4D, layer.strides, layer.padding);
			return layer.useBias ? tf.add(y, weight('bias')) : y;
		}
		case 'batch-norm': {
			const [gamma, beta] = [weight('gamma'), weight('beta')];
			if (context.batchStatistics) return normalizeByBatch(x, gamma, beta, layer.epsilon, context.onMoments);
			const [mean, variance] = [weight('moving_mean'), weight('moving_variance')];
			return normalizeByStatistics(x, { gamma, beta, mean, variance }, layer.epsilon);
		}
		case 'relu':
			return tf.relu(x);
		case 'max-pool':
			return tf.maxPool(x as tf.Tensor4D, layer.size, layer.size, 'valid');
		case 'global-pool':
			return layer.pooling === 'average' ? tf.mean(x, [1, 2]) : tf.max(x, [1, 2]);
		case 'flatten':
			return tf.reshape(x, [x.shape[0] ?? 0, -1]);
		case 'dropout':
			return context.dropoutMask === null ? x : tf.mul(x, context.dropoutMask(x.shape, layer.rate));
		case 'dense':
			return tf.add(tf.matMul(x as tf.Tensor2D, weight('kernel') as tf.Tensor2D), weight('bias'));
	}
}
