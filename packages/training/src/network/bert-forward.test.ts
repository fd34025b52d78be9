import { huggingFaceTensor, type WeightSpec } from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/synthetic-forward.json' with { type: 'json' };
import { backendsHere, useBackend } from '../testing/backends-here.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { drawByName, syntheticWeights } from '../testing/synthetic-weights.js';
import { tinyBert } from '../testing/tiny-bert.js';
import { toDevice } from './device-weights.js';
import { forward } from './forward.js';

interface Golden {
	readonly config: { readonly labels: number };
	readonly ids: number[][];
	readonly mask: number[][];
	readonly type_ids: number[][];
	readonly names: Record<string, number[]>;
	/** After the embeddings, and after the last block: the first text's first and fifth token. */
	readonly emb_out_0_0: number[];
	readonly last_0_0: number[];
	readonly last_0_4: number[];
	readonly logits: number[][];
}
const golden = (vectors as { bert: Golden }).bert;

/** Filled as the golden's own network was: drawn in PyTorch's layout, under PyTorch's name. */
function fill(spec: WeightSpec): Float32Array {
	const { name, isTransposed } = huggingFaceTensor(spec, { transposesKernels: true });
	const isHead = spec.name.startsWith('logits/');
	const drawn = drawByName(isHead ? name.replace('logits', 'classifier') : `bert.${name}`, spec.shape);
	if (spec.role === 'bias') return drawn.map((value) => 0.1 * value);
	if (spec.role === 'scale') return drawn.map((value) => 1 + 0.2 * value);
	if (!isTransposed) return drawn.map((value) => 0.5 * value);
	const [inputs = 0, outputs = 0] = spec.shape;
	const limit = Math.sqrt(3 / inputs);
	return drawn.map((_, at) => limit * (drawn[(at % outputs) * inputs + Math.floor(at / outputs)] ?? 0));
}

describe.each(backendsHere())('a small BERT on %s', (backend) => {
	it('gives the numbers of Hugging Face', async () => {
		await useBackend(backend);
		const { layers } = tinyBert(golden.config.labels);
		const weights = toDevice(syntheticWeights(layers, fill));
		const rows = golden.ids.map((ids, text) => [ids, golden.mask[text] ?? [], golden.type_ids[text] ?? []]);
		const texts = tf.tensor(rows);
		const outputOf = (last: string) => {
			const until = layers.findIndex(({ name }) => name === last) + 1;
			return forward(layers.slice(0, until), weights, texts);
		};
		const firstOf = async (last: string, token: number) =>
			(await tf.slice(outputOf(last), [0, token, 0], [1, 1, -1]).data()) as Float32Array;
		expectClose(await firstOf('backbone/embeddings.LayerNorm', 0), golden.emb_out_0_0, 1e-4);
		const top = 'backbone/encoder.layer.1.output.LayerNorm';
		expectClose(await firstOf(top, 0), golden.last_0_0, 1e-4);
		expectClose(await firstOf(top, 4), golden.last_0_4, 1e-4);
		expectClose(await outputOf('head/logits').data(), golden.logits.flat(), 1e-4);
		expect(layers.flatMap((layer) => layer.weights)).toHaveLength(Object.keys(golden.names).length);
	});
});
