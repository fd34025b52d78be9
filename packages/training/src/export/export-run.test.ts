import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Architecture, findArchitecture } from '@graft/domain/architecture';
import type { HeadSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { float32, readSafetensors } from '../safetensors/index.js';
import { useBackend } from '../testing/backends-here.js';
import { exportCase, FACTS, softmaxRows } from '../testing/export-case.js';
import { CLASSES, ExportFolder, fromFolder, HEAD } from '../testing/export-folder.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { drawByName } from '../testing/synthetic-weights.js';
import { importWeights } from '../weights/index.js';
import { exportRun } from './index.js';

/** Every kind of layer that a convolutional network has, in small images. */
const CASES = [
	['small-cnn', [8, 8, 1], HEAD],
	['small-cnn', [8, 8, 1], { ...HEAD, pooling: 'flatten' }],
	['mobilenet-v2', [32, 32, 3], { ...HEAD, pooling: 'max', hidden: [] }],
	['small-mlp', [8], HEAD],
] as const;

const folder = new ExportFolder();
const write: ExportFolder['write'] = (...given) => folder.write(...given);
afterAll(() => folder.remove());
beforeAll(async () => void (await useBackend()));

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
