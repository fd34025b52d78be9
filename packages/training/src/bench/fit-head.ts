import type { RunSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import { layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import type { Examples, LoadedDataset } from '../dataset/index.js';

/**
 * The run as a plain script with TensorFlow.js writes it: a frozen backbone, a head, `fit` and `evaluate`. Its weights are
 * drawn: what they know changes no cost.
 */
export async function fitHead(run: RunSpec, { splits, inputShape, classes }: LoadedDataset): Promise<void> {
	const images = layers.input({ shape: [...inputShape] });
	let x = layers.globalAveragePooling2d({}).apply(frozenBackbone(images)) as SymbolicTensor;
	for (const units of run.head.hidden) {
		x = layers.dense({ units: Number(units), activation: 'relu' }).apply(x) as SymbolicTensor;
		x = layers.dropout({ rate: run.head.dropout }).apply(x) as SymbolicTensor;
	}
	const outputs = layers.dense({ units: classes.length, activation: 'softmax' }).apply(x) as SymbolicTensor;
	const whole = model({ inputs: images, outputs });
	const rate = run.plan.phases[0]?.groups.at(-1)?.learningRate ?? 0;
	const optimizer = tf.train.momentum(rate, 0.9);
	whole.compile({ optimizer, loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
	const [train, validation, test] = [splits.train, splits.validation, splits.test].map((split) =>
		tensorsOf(split, inputShape),
	) as [Tensors, Tensors, Tensors];
	const { batchSize, epochs } = run;
	await whole.fit(...train, { batchSize, epochs, verbose: 0, validationData: validation });
	tf.dispose([whole.evaluate(...test, { batchSize }), train, validation, test]);
	whole.dispose();
}

/** `small-cnn`. */
function frozenBackbone(images: SymbolicTensor): SymbolicTensor {
	const frozen = { trainable: false };
	const block = (x: SymbolicTensor, filters: number, pool: boolean) => {
		const convolution = { ...frozen, filters, kernelSize: 3, padding: 'same', useBias: false } as const;
		const parts = [
			layers.conv2d(convolution),
			layers.batchNormalization(frozen),
			layers.activation({ activation: 'relu' }),
			...(pool ? [layers.maxPooling2d({ poolSize: 2 })] : []),
		];
		return parts.reduce((input, layer) => layer.apply(input) as SymbolicTensor, x);
	};
	const blocks = [
		[32, false],
		[32, true],
		[64, false],
		[64, true],
	] as const;
	return blocks.reduce((x, [filters, pool]) => block(x, filters, pool), images);
}

type Tensors = [inputs: tf.Tensor, labels: tf.Tensor];
const tensorsOf = ({ count, inputs, labels }: Examples, shape: readonly number[]): Tensors => [
	tf.tensor(inputs as Float32Array, [count, ...shape]),
	tf.tensor1d(Float32Array.from(labels)),
];
