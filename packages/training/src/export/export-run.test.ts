import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Architecture, findArchitecture } from '@graft/domain/architecture';
import type { HeadSpec } from '@graft/domain/run';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, readSafetensors } from '../safetensors/index.js';
import { useBackend } from '../testing/backends-here.js';
import { exportCase, FACTS, softmaxRows } from '../testing/export-case.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { drawByName } from '../testing/synthetic-weights.js';
import { tokenizerFromVocabulary } from '../tokenizer/from-vocabulary.js';
import { importWeights } from '../weights/index.js';
import { type ExportFormat, exportRun } from './index.js';

const folder = mkdtempSync(path.join(tmpdir(), 'graft-export-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => void (await useBackend()));

const CLASSES = ['cat', 'dog', 'owl'];
const HEAD: HeadSpec = {
	...{ pooling: 'average', inputDropout: 0.1, dropout: 0.2 },
	hidden: [{ units: 5, activation: 'tanh', dropout: 0 }, { units: 4, activation: 'gelu', dropout: 0.1 }, 3],
};
/** Every kind of layer that a convolutional network has, in small images. */
const CASES = [
	['small-cnn', [8, 8, 1], HEAD],
	['small-cnn', [8, 8, 1], { ...HEAD, pooling: 'flatten' }],
	['mobilenet-v2', [32, 32, 3], { ...HEAD, pooling: 'max', hidden: [] }],
	['small-mlp', [8], HEAD],
] as const;

let count = 0;
async function write(given: ReturnType<typeof exportCase>, format: ExportFormat, tokenizer: Uint8Array | null = null) {
	count += 1;
	const to = path.join(folder, `${count}`);
	const { spec, checkpoint } = given;
	return { to, exported: await exportRun({ spec, checkpoint, facts: FACTS, tokenizer, format, folder: to }) };
}

describe.each(CASES)('%s on %j', (name, shape, head) => {
	const given = exportCase(name, shape, head, CLASSES);

	it('TensorFlow.js loads it and gives the same probabilities', async () => {
		const { to } = await write(given, 'tfjs');
		const model = await loadLayersModel(fromFolder(to));
		const inputs = drawByName('inputs', [2, ...shape]);
		const found = model.predict(tf.tensor(inputs, [2, ...shape])) as tf.Tensor;
		expectClose(await found.data(), softmaxRows(await given.logits(inputs, 2), CLASSES.length), 1e-5);
		model.dispose();
	}, 60_000);

	it.each(['tfjs', 'h5', 'safetensors'] as const)(
		'comes back from %s bit by bit',
		async (format) => {
			const { to, exported } = await write(given, format);
			const file = path.join(to, exported.files[0]?.name ?? '');
			const architecture = findArchitecture(name) as Architecture;
			const back = path.join(to, 'back.safetensors');
			const { leftOut } = await importWeights({ from: file, architecture, to: back, scratch: to });
			const { tensors } = readSafetensors(new Uint8Array(readFileSync(back)));
			const own = [...given.weights].filter(([one]) => one.startsWith('backbone/'));
			expect([...tensors.keys()].sort()).toEqual(own.map(([one]) => one).sort());
			for (const [one, { values }] of own) {
				const stored = tensors.get(one);
				expect(
					Buffer.from((stored && float32(one, stored).values.buffer) as ArrayBuffer).equals(Buffer.from(values.buffer)),
				).toBe(true);
			}
			expect(leftOut).toHaveLength(given.weights.size - own.length);
		},
		60_000,
	);
});

it('a model that TensorFlow.js itself has saved comes back bit by bit', async () => {
	const given = exportCase('mobilenet-v2', [32, 32, 3], { ...HEAD, hidden: [] }, CLASSES);
	const { to } = await write(given, 'tfjs');
	const model = await loadLayersModel(fromFolder(to));
	const saved = path.join(to, 'saved');
	mkdirSync(saved);
	await model.save({
		save: async ({ modelTopology, weightSpecs, weightData }) => {
			const [paths, weights] = [['weights.bin'], weightSpecs];
			const description = { format: 'layers-model', modelTopology, weightsManifest: [{ paths, weights }] };
			writeFileSync(path.join(saved, 'model.json'), JSON.stringify(description));
			writeFileSync(path.join(saved, 'weights.bin'), new Uint8Array(weightData as ArrayBuffer));
			return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } };
		},
	});
	model.dispose();
	const back = path.join(to, 'back.safetensors');
	const { tensors } = await importWeights({ from: saved, architecture: 'mobilenet-v2', to: back, scratch: to });
	expect(tensors).toBe(260);
	for (const [name, tensor] of readSafetensors(new Uint8Array(readFileSync(back))).tensors) {
		const wanted = given.weights.get(name)?.values ?? new Float32Array();
		expect([name, Buffer.from(float32(name, tensor).values.buffer).equals(Buffer.from(wanted.buffer))]).toEqual([
			name,
			true,
		]);
	}
}, 60_000);

function fromFolder(to: string): tf.io.IOHandler {
	return {
		load: async () => {
			const { modelTopology, weightsManifest, signature } = JSON.parse(
				readFileSync(path.join(to, 'model.json'), 'utf8'),
			);
			const [{ paths, weights }] = weightsManifest;
			const weightData = Buffer.concat(paths.map((name: string) => readFileSync(path.join(to, name))));
			return { modelTopology, signature, weightSpecs: weights, weightData: new Uint8Array(weightData).buffer };
		},
	};
}

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

/** These bytes went through onnx' checker and onnxruntime: see scripts/check-exports.py, which has the same cases. */
it.each([
	[
		'small-cnn',
		[8, 8, 1],
		{
			...{ pooling: 'flatten', inputDropout: 0.1, dropout: 0.2 },
			hidden: [{ units: 6, activation: 'tanh', dropout: 0.1 }],
		},
		'3290a6c9ad96d80e35769da43e5a89ffac3b83d1957848b130423665a60ea171',
	],
	[
		'mobilenet-v2',
		[64, 64, 3],
		{ pooling: 'max', dropout: 0.1, hidden: [] },
		'789ad9f04f4cc6c71475a6e80f613eba2d7842e0a650dc70f6b02bbc7f21e565',
	],
	[
		'bert-L2-H8-A2-F12-V20-P8',
		[3, 6],
		{ pooling: 'average', dropout: 0.1, hidden: [] },
		'271eb6b0f4092e0b0f14e31b66a6ef6932c45ab1373cd91d5c83af12194f60dd',
	],
	[
		'gpt2-L2-H8-A2-F12-V20-P8',
		[3, 6],
		{ pooling: 'average', dropout: 0.1, hidden: [] },
		'd511f04b7baea8d12af047c94bb6e641f74062b140a009e6c6d9fa89bd2cd114',
	],
	[
		'gpt2-L2-H8-A2-F12-V20-P8',
		[3, 6],
		{ pooling: 'average', dropout: 0.1, hidden: [], tied: true },
		'f6af9850b7cb2c0f3cf51e8d8abefb0b6ab8960032619a5e4026dbee419bff09',
	],
] satisfies [string, number[], HeadSpec, string][])(
	'%s as ONNX is by the byte what onnxruntime has read',
	async (name, shape, head, digest) => {
		const classes = 'tied' in head ? null : CLASSES;
		const { exported } = await write(exportCase(name, shape, head, classes), 'onnx');
		expect(exported.files).toEqual([{ name: 'model.onnx', sha256: digest }]);
	},
);

describe('what goes with it', () => {
	it('says everything about the model, for people and for programs', async () => {
		const given = exportCase('small-cnn', [8, 8, 1], HEAD, CLASSES);
		const { to, exported } = await write(given, 'onnx');
		const about = JSON.parse(readFileSync(path.join(to, 'graft.json'), 'utf8'));
		expect(about).toMatchObject({
			run: { id: 'run-1', seed: 3, checkpoint: FACTS.checkpoint },
			backbone: { architecture: 'small-cnn', source: 'https://host/model', licence: 'mit' },
			data: { name: 'pictures', version: 'v'.repeat(64), task: 'CLASSIFICATION' },
			...{ labels: CLASSES, output: 'probabilities', metrics: { test_accuracy: 0.93 } },
			preprocessing: { kind: 'image', shape: [8, 8, 1], mode: 'unit', pixels: 'x / 255' },
			files: { 'model.onnx': exported.files[0]?.sha256 },
		});
		expect(about.plan.phases[0].groups).toMatchObject({ block1: 'NONE', head: 'ALL' });
		const card = readFileSync(path.join(to, 'README.md'), 'utf8');
		for (const part of [
			'base_model: "small-cnn"',
			'2. owl',
			'feature extraction',
			'| test_accuracy | 0.93 |',
			`version ${'v'.repeat(64)}`,
		]) {
			expect(card).toContain(part);
		}
	});

	it('overwrites nothing, and takes no checkpoint of another run', async () => {
		const given = exportCase('small-cnn', [8, 8, 1], HEAD, CLASSES);
		const { to } = await write(given, 'onnx');
		const { spec, checkpoint } = given;
		const again = exportRun({ spec, checkpoint, facts: FACTS, tokenizer: null, format: 'onnx', folder: to });
		await expect(again).rejects.toThrow('is not empty');
		const other = exportCase('small-cnn', [8, 8, 1], { ...HEAD, hidden: [] }, CLASSES).checkpoint;
		const wrong = exportRun({
			spec,
			checkpoint: other,
			facts: FACTS,
			tokenizer: null,
			format: 'h5',
			folder: `${to}-2`,
		});
		await expect(wrong).rejects.toThrow(/The checkpoint is not the run's: head\//);
	});
});
