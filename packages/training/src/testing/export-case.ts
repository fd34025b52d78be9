import { fnv1a, mulberry32 } from '@graft/domain/random';
import type { HeadSpec, RunSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import { toDevice } from '../network/device-weights.js';
import { forward } from '../network/forward.js';
import type { HostWeights } from '../network/initial-weights.js';
import { buildNetwork } from '../network/network.js';
import { writeSafetensors } from '../safetensors/index.js';
import { runSpec } from './run-spec.js';

/** A run of some architecture on data that nobody reads, and the checkpoint that it might have left. */
export interface ExportCase {
	readonly spec: RunSpec;
	readonly weights: HostWeights;
	readonly checkpoint: Uint8Array;
	/** What the network gives in inference, as one list: logits. */
	readonly logits: (inputs: Float32Array, count: number) => Promise<Float32Array>;
}

export const FACTS = {
	...{ id: 'run-1', name: 'Feature extraction · seed 3', strategy: 'feature extraction' },
	...{ metrics: { test_accuracy: 0.93 }, checkpoint: 'c'.repeat(64), source: 'https://host/model', licence: 'mit' },
};

export function exportCase(
	architecture: string,
	inputShape: readonly number[],
	head: HeadSpec,
	/** Null: a language model. */
	classes: readonly string[] | null,
): ExportCase {
	const input = { shape: inputShape, preprocessing: null, tokenizer: null, maxLength: null };
	const task = classes === null ? 'LANGUAGE_MODELING' : 'CLASSIFICATION';
	const dataset: RunSpec['dataset'] = {
		...{ id: 'd', name: 'pictures', version: 'v'.repeat(64), uri: 'file:///x', format: 'image-folder', options: {} },
		...{ task, classes, splits: [], input },
	};
	const spec = runSpec({ dataset, architecture, head, strategy: { kind: 'FEATURE_EXTRACTION' }, seed: 3 });
	const network = buildNetwork(spec);
	const weights = new Map(
		network.weights.map(({ name, spec: { shape, role, fanIn } }) => {
			const random = mulberry32(fnv1a(name));
			const size = shape.reduce((product, one) => product * one, 1);
			const draw = () => 2 * random() - 1;
			const values = Float32Array.from({ length: size }, () => {
				// Small enough that a sum of many blocks does not end in a softmax of one class alone.
				if (role === 'gamma') return 0.3 + 0.1 * draw();
				if (role === 'moving-variance' || role === 'scale') return 1 + 0.2 * draw();
				return role === 'kernel' ? draw() * Math.sqrt(6 / fanIn) : 0.1 * draw();
			});
			return [name, { shape, values }] as const;
		}),
	);
	return {
		spec,
		weights,
		checkpoint: writeSafetensors(weights),
		logits: async (inputs, count) => {
			const device = toDevice(weights);
			const y = forward(network.layers, device, tf.tensor(inputs, [count, ...inputShape]));
			return Float32Array.from(await y.data());
		},
	};
}

export function softmaxRows(logits: Float32Array, width: number): number[] {
	const rows = Array.from({ length: logits.length / width }, (_, row) => [
		...logits.subarray(row * width, (row + 1) * width),
	]);
	return rows.flatMap((row) => {
		const powers = row.map((one) => Math.exp(one - Math.max(...row)));
		const sum = powers.reduce((total, one) => total + one, 0);
		return powers.map((one) => one / sum);
	});
}
