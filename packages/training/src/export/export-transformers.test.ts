import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { HeadSpec } from '@graft/domain/run';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, readSafetensors } from '../safetensors/index.js';
import { useBackend } from '../testing/backends-here.js';
import { exportCase, softmaxRows } from '../testing/export-case.js';
import { CLASSES, ExportFolder, fromFolder, HEAD } from '../testing/export-folder.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { tokenizerFromVocabulary } from '../tokenizer/from-vocabulary.js';
import { importWeights } from '../weights/index.js';

const folder = new ExportFolder();
const write: ExportFolder['write'] = (...given) => folder.write(...given);
afterAll(() => folder.remove());
beforeAll(async () => void (await useBackend()));

describe('Transformers', () => {
	const bert = 'bert-L2-H8-A2-F12-V20-P8';
	const distil = 'distilbert-L2-H8-A2-F12-V20-P8';
	const writer = 'gpt2-L2-H8-A2-F12-V20-P8';
	const linear: HeadSpec = { pooling: 'average', hidden: [], dropout: 0.1 };
	const words = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'want'].join('\n');
	const wordPieces = new TextEncoder().encode(JSON.stringify(tokenizerFromVocabulary(words, { lowercase: true })));
	const jsonAt = (to: string, name: string) => JSON.parse(readFileSync(path.join(to, name), 'utf8'));
	const tensorsAt = (file: string) => readSafetensors(new Uint8Array(readFileSync(file))).tensors;

	/** Imports the folder again, and compares it with the run's weights. */
	async function comesBack(to: string, architecture: string, given: ReturnType<typeof exportCase>) {
		const back = path.join(to, 'back.safetensors');
		expect(await importWeights({ from: to, architecture: null, to: back, scratch: to })).toMatchObject({
			architecture,
		});
		for (const [name, tensor] of tensorsAt(back)) {
			expect([name, float32(name, tensor).values]).toEqual([name, given.weights.get(name)?.values]);
		}
	}

	it('a BERT with a linear head becomes a classifier of Hugging Face, and comes back bit by bit', async () => {
		const given = exportCase(bert, [3, 6], linear, CLASSES);
		const { to, exported } = await write(given, 'safetensors', wordPieces);
		expect(exported).toMatchObject({ readBy: 'BertForSequenceClassification', headFile: null });
		expect(exported.files.map(({ name }) => name)).toEqual([
			...['model.safetensors', 'config.json', 'tokenizer.json', 'tokenizer_config.json'],
		]);
		expect(jsonAt(to, 'config.json')).toMatchObject({
			model_type: 'bert',
			hidden_size: 8,
			...{ id2label: { 0: 'cat', 2: 'owl' }, label2id: { dog: 1 } },
		});
		expect(jsonAt(to, 'tokenizer_config.json')).toMatchObject({ pad_token: '[PAD]', model_max_length: 6 });
		await comesBack(to, bert, given);
	});

	it('a head that no class of Hugging Face has goes beside the backbone', async () => {
		const given = exportCase(bert, [3, 6], HEAD, CLASSES);
		const { exported, to } = await write(given, 'safetensors');
		expect(exported).toMatchObject({ readBy: 'BertModel', headFile: 'head.safetensors' });
		expect(readFileSync(path.join(to, 'README.md'), 'utf8')).toMatch('no class with this head: head.safetensors');
		const head = [...tensorsAt(path.join(to, 'head.safetensors')).keys()].sort();
		expect(head).toEqual([...given.weights.keys()].filter((name) => name.startsWith('head/')).sort());
		await comesBack(to, bert, given);
	});

	it.each([true, false])(
		'a language model becomes GPT2LMHeadModel (tied: %j), and comes back bit by bit',
		async (tied) => {
			const given = exportCase(writer, [3, 6], { ...linear, dropout: 0, tied }, null);
			const { exported, to } = await write(given, 'safetensors');
			expect(exported.readBy).toBe('GPT2LMHeadModel');
			expect(jsonAt(to, 'config.json')).toMatchObject({ tie_word_embeddings: tied });
			expect(tensorsAt(path.join(to, 'model.safetensors')).has('lm_head.weight')).toBe(!tied);
			await comesBack(to, writer, given);
		},
	);

	it("GPT-2's classifier has the head's bias in its last LayerNorm, where it changes nothing else", async () => {
		const given = exportCase(writer, [3, 6], linear, CLASSES);
		const { exported, to } = await write(given, 'safetensors');
		expect(exported.readBy).toBe('GPT2ForSequenceClassification');
		const stored = tensorsAt(path.join(to, 'model.safetensors'));
		const of = (name: string) => {
			const tensor = stored.get(name);
			return tensor === undefined ? new Float32Array() : float32(name, tensor).values;
		};
		const own = (name: string) => given.weights.get(name)?.values ?? new Float32Array();
		const change = of('transformer.ln_f.bias').map((value, at) => value - (own('backbone/ln_f/beta')[at] ?? 0));
		const scored = [0, 1, 2].map((row) =>
			of('score.weight')
				.subarray(row * 8, row * 8 + 8)
				.reduce((sum, weight, at) => sum + weight * (change[at] ?? 0), 0),
		);
		expectClose(scored, own('head/logits/bias'), 1e-5);
	});

	/** Two texts, of 4 and of 3 tokens, padded to `length`. */
	const texts = (length: number): Float32Array => {
		const row = (values: readonly number[]) => [...values, ...Array(length - values.length).fill(0)];
		const text = (ids: readonly number[]) => [row(ids), row(ids.map(() => 1)), row(ids.map((_, at) => at % 2))];
		return Float32Array.from([...text([2, 5, 19, 3]), ...text([2, 7, 3])].flat(2));
	};
	const GRAPHS = [
		[bert, HEAD, CLASSES],
		[distil, linear, CLASSES],
		[writer, linear, CLASSES],
		[writer, { ...linear, tied: true }, null],
		[writer, { ...linear, tied: false }, null],
	] as const;

	it.each(GRAPHS)('%s as a graph gives TensorFlow.js the same outputs at any length (%j, %j)', async (...of) => {
		const [architecture, head, classes] = of;
		const given = exportCase(architecture, [3, 6], head, classes);
		const { to, exported } = await write(given, 'tfjs', wordPieces);
		expect(exported.files.map(({ name }) => name)).toContain('tokenizer.json');
		const model = await loadGraphModel(fromFolder(to));
		// As long as in training, and no longer than the longest text.
		for (const length of [6, 4]) {
			const rows = tf.unstack(tf.tensor(texts(length), [2, 3, length], 'int32'), 1) as [
				tf.Tensor,
				tf.Tensor,
				tf.Tensor,
			];
			const named = { input_ids: rows[0], attention_mask: rows[1], token_type_ids: rows[2] };
			const own = exportCase(architecture, [3, length], head, classes);
			const logits = await own.logits(texts(length), 2);
			const taken = Object.fromEntries(model.inputs.map(({ name }) => [name, named[name as keyof typeof named]]));
			const found = model.predict(taken) as tf.Tensor;
			expect(found.shape).toEqual(classes === null ? [2, length, 20] : [2, 3]);
			expectClose(await found.data(), classes === null ? [...logits] : softmaxRows(logits, 3), 1e-5);
		}
		model.dispose();
	});

	it.each(['tfjs', 'h5'] as const)('come back from %s bit by bit', async (format) => {
		for (const [architecture, head, classes] of GRAPHS) {
			const given = exportCase(architecture, [3, 6], head, classes);
			const { to, exported } = await write(given, format);
			const back = path.join(to, 'back.safetensors');
			const file = path.join(to, exported.files[0]?.name ?? '');
			await importWeights({ from: file, architecture, to: back, scratch: to });
			const own = [...given.weights].filter(([name]) => name.startsWith('backbone/'));
			const stored = tensorsAt(back);
			expect([...stored.keys()].sort()).toEqual(own.map(([name]) => name).sort());
			for (const [name, { values }] of own) {
				const tensor = stored.get(name);
				expect([name, tensor && float32(name, tensor).values]).toEqual([name, values]);
			}
		}
	});
});
