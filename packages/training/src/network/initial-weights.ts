import { HEAD_GROUP } from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import { fnv1a, mulberry32 } from '@graft/domain/random';
import { type FloatTensor, float32, readSafetensors } from '../safetensors/index.js';
import type { Network, NetworkWeight } from './network.js';
import { tableOf } from './network-layer.js';

/** Weights in main memory by their name in checkpoints. */
export type HostWeights = ReadonlyMap<string, FloatTensor>;

/**
 * The weights that a run begins with: the backbone's from `pretrained` where it is given, all others drawn. A draw
 * depends on the seed and the weight's name alone: strategies with the same seed begin with the same head. A language
 * model's head of its own begins as a copy of the embeddings.
 * @throws GraftError DATA that lists the tensors that the file lacks or has in another shape.
 */
export function initialWeights(network: Network, seed: number, pretrained: Uint8Array | null): HostWeights {
	const loaded = pretrained === null ? new Map<string, FloatTensor>() : backboneWeights(network, pretrained);
	const added = network.discriminator.flatMap((layer) => layer.weights);
	const weights = new Map<string, FloatTensor>();
	for (const weight of [...network.weights, ...added]) {
		const { name, layer, spec } = weight;
		const table = layer.kind === 'unembedding' ? weights.get(tableOf(layer)) : undefined;
		const drawn = () => table?.values.slice() ?? drawWeight(weight, seed);
		weights.set(name, loaded.get(name) ?? { shape: spec.shape, values: drawn() });
	}
	return weights;
}

/** Keras' Embedding draws uniformly from -.05 to .05. */
const EMBEDDING_LIMIT = 0.05;

function kernelLimit({ kind }: NetworkWeight['layer'], { role, fanIn, fanOut }: NetworkWeight['spec']): number {
	// PEFT draws LoRA's A as Kaiming-uniform with a = sqrt(5), and begins with B = 0: at first the update adds nothing.
	if (role === 'lora-a') return 1 / Math.sqrt(fanIn);
	return Math.sqrt(6 / (kind === 'conv2d' || kind === 'depthwise-conv2d' ? fanIn : fanIn + fanOut));
}

/** He's uniform draw for convolutions (a relu follows), Glorot's for dense layers (Keras' default). */
export function drawWeight({ name, layer, spec }: NetworkWeight, seed: number): Float32Array {
	const values = new Float32Array(spec.shape.reduce((product, size) => product * size, 1));
	if (spec.role === 'gamma' || spec.role === 'scale' || spec.role === 'moving-variance') return values.fill(1);
	if (spec.role !== 'kernel' && spec.role !== 'embedding' && spec.role !== 'lora-a') return values;
	const limit = spec.role === 'embedding' ? EMBEDDING_LIMIT : kernelLimit(layer, spec);
	const random = mulberry32(fnv1a(`weight/${seed}/${name}`));
	return values.map(() => limit * (2 * random() - 1));
}

function backboneWeights(network: Network, file: Uint8Array): Map<string, FloatTensor> {
	const { tensors } = readSafetensors(file);
	const loaded = new Map<string, FloatTensor>();
	const wrong: string[] = [];
	for (const { name, group, spec } of network.weights) {
		// A file of an earlier LoRA run has that run's factors, which its kernels hold already.
		if (group === HEAD_GROUP || spec.role === 'lora-a' || spec.role === 'lora-b') continue;
		const tensor = tensors.get(name);
		const expected = spec.shape.join(' x ');
		if (tensor === undefined) wrong.push(`${name} is missing`);
		else if (tensor.shape.join(' x ') !== expected) {
			wrong.push(`${name} is ${tensor.shape.join(' x ')} instead of ${expected}`);
		} else loaded.set(name, float32(name, tensor));
	}
	if (wrong.length === 0) return loaded;
	const first = wrong.slice(0, 10).join('; ');
	throw new GraftError('DATA', `The weight file does not fit the backbone: ${first} (${wrong.length} in all).`, {
		wrong,
	});
}
