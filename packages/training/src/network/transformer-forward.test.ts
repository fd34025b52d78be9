import {
	type Architecture,
	distilbert,
	gpt2,
	type HuggingFaceFormat,
	huggingFaceTensor,
	summarizeBackbone,
	type WeightSpec,
} from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import vectors from '../../vectors/forward-goldens.json' with { type: 'json' };
import { backendsHere, useBackend } from '../testing/backends-here.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { drawByName, syntheticWeights } from '../testing/synthetic-weights.js';
import { toDevice } from './device-weights.js';
import { forward } from './forward.js';
import { assembleNetwork } from './network.js';

interface Goldens {
	readonly ids: number[][];
	readonly mask: number[][];
	readonly distilbert: { readonly first_token: number[][]; readonly logits: number[][] };
	readonly gpt2: {
		/** After the last LayerNorm, of each text's tokens. */
		readonly hidden: number[][][];
		readonly logits: number[][];
		readonly next_token_last: number[][];
		readonly shifted_cross_entropy: number;
	};
}
const goldens = (vectors as { 'hugging-face': Goldens })['hugging-face'];
const SIZE = {
	...{ vocabulary: 32, positions: 16, hidden: 16, layers: 2, heads: 4, feedForward: 32, dropout: 0.1 },
	...{ defaultLength: 6, canDownload: false },
};

/** Drawn in Hugging Face's layout, under its name there; linear kernels by the inputs of an output. */
function fill(spec: WeightSpec, format: HuggingFaceFormat): Float32Array {
	const { name, isTransposed } = huggingFaceTensor(spec, format);
	const drawn = drawByName(`${format.prefix}${name}`, spec.shape);
	if (spec.role === 'bias') return drawn.map((value) => 0.1 * value);
	if (spec.role === 'scale') return drawn.map((value) => 1 + 0.2 * value);
	if (spec.role === 'embedding') return drawn.map((value) => 0.5 * value);
	const [inputs = 0, outputs = 0] = spec.shape;
	const limit = Math.sqrt(3 / inputs);
	if (!isTransposed) return drawn.map((value) => limit * value);
	return drawn.map((_, at) => limit * (drawn[(at % outputs) * inputs + Math.floor(at / outputs)] ?? 0));
}

function build(architecture: Architecture) {
	const body = summarizeBackbone(architecture, architecture.defaultInput).network;
	const { layers } = assembleNetwork(body, { layers: [], outputShape: body.outputShape }, architecture.defaultInput);
	const format = architecture.huggingFace as HuggingFaceFormat;
	const weights = toDevice(syntheticWeights(layers, (spec) => fill(spec, format)));
	const outputOf = (last: string, texts: tf.Tensor) => {
		const until = layers.findIndex(({ name }) => name === `backbone/${last}`) + 1;
		return forward(layers.slice(0, until), weights, texts);
	};
	return { weights, outputOf };
}

/** A dense layer as PyTorch keeps it: outputs x inputs. */
function linear(name: string, outputs: number, bias = true) {
	const kernel = tf.mul(tf.tensor(drawByName(`${name}.weight`, [outputs, 16]), [outputs, 16]), Math.sqrt(3 / 16));
	const added = bias ? tf.mul(tf.tensor(drawByName(`${name}.bias`, [outputs])), 0.1) : tf.zeros([outputs]);
	return (x: tf.Tensor) => tf.add(tf.matMul(x as tf.Tensor2D, kernel as tf.Tensor2D, false, true), added);
}

describe.each(backendsHere())('on %s', (backend) => {
	beforeAll(async () => void (await useBackend(backend)));
	const texts = () => tf.tensor(goldens.ids.map((ids, at) => [ids, goldens.mask[at] ?? [], ids.map(() => 0)]));

	it('a small DistilBERT and its classifier give the numbers of Hugging Face', async () => {
		const { outputOf } = build(distilbert({ name: 'tiny-distilbert', ...SIZE }));
		const first = outputOf('first_token', texts());
		expectClose(await first.data(), goldens.distilbert.first_token.flat(), 1e-4);
		const logits = linear('classifier', 3)(tf.relu(linear('pre_classifier', 16)(first)));
		expectClose(await logits.data(), goldens.distilbert.logits.flat(), 1e-4);
	});

	it('a small GPT-2, its classifier on the last token and its next-token scores give the numbers of Hugging Face', async () => {
		const { outputOf, weights } = build(gpt2({ name: 'tiny-gpt2', ...SIZE, feedForward: 64 }));
		const hidden = outputOf('ln_f', texts());
		const rows = (await hidden.array()) as number[][][];
		expectClose(rows[0]?.flat() ?? [], goldens.gpt2.hidden[0]?.flat() ?? [], 1e-4);
		expectClose(rows[1]?.slice(0, 4).flat() ?? [], goldens.gpt2.hidden[1]?.flat() ?? [], 1e-4);
		const last = outputOf('last_token', texts());
		expectClose(await linear('score', 3, false)(last).data(), goldens.gpt2.logits.flat(), 1e-4);
		// The language model's scores are products with the embeddings.
		const table = weights.get('backbone/wte/embeddings') as tf.Tensor2D;
		const scores = tf.matMul(last as tf.Tensor2D, table, false, true);
		expectClose(await scores.data(), goldens.gpt2.next_token_last.flat(), 1e-4);
		const all = tf.matMul(
			tf.reshape(tf.slice(hidden, [0, 0, 0], [1, 5, -1]), [5, 16]) as tf.Tensor2D,
			table,
			false,
			true,
		);
		const wanted = tf.oneHot(goldens.ids[0]?.slice(1) ?? [], 32);
		const loss = tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(all), wanted), -1)));
		expectClose(await loss.data(), [goldens.gpt2.shifted_cross_entropy], 1e-4);
	});

	it('GPT-2 does not see what comes later', async () => {
		const { outputOf } = build(gpt2({ name: 'tiny-gpt2', ...SIZE }));
		const one = (ids: number[]) => tf.tensor([[ids, ids.map(() => 1), ids.map(() => 0)]]);
		const firstFour = async (ids: number[]) =>
			tf.slice(outputOf('ln_f', one(ids)), [0, 0, 0], [1, 4, -1]).data() as Promise<Float32Array>;
		const [a, b] = [await firstFour([2, 7, 11, 5, 30, 1]), await firstFour([2, 7, 11, 5, 9, 9])];
		expect(a).toEqual(b);
	});
});
