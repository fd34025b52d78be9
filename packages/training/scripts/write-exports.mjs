// Writes exports of every architecture and format, with inputs and the outputs of our own network, for check-exports.py:
//   node packages/training/scripts/write-exports.mjs FOLDER && python packages/training/scripts/check-exports.py FOLDER
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { selectBackend } from '../dist/backend/index.js';
import { exportRun } from '../dist/export/index.js';
import { exportCase, FACTS } from '../dist/testing/export-case.js';
import { drawByName } from '../dist/testing/synthetic-weights.js';

const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
await selectBackend('wasm', folder);

const dense = {
	pooling: 'average',
	inputDropout: 0.1,
	dropout: 0.2,
	hidden: [{ units: 7, activation: 'gelu', dropout: 0 }, 5],
};
const flat = { ...dense, pooling: 'flatten', hidden: [{ units: 6, activation: 'tanh', dropout: 0.1 }] };
const linear = { pooling: 'average', dropout: 0.1, hidden: [] };
const images = ['tfjs', 'h5', 'onnx', 'safetensors'];
const CASES = [
	['small-cnn', [8, 8, 1], flat, images],
	['vgg16', [32, 32, 3], dense, images],
	['resnet50', [64, 64, 3], dense, images],
	['inception-v3', [75, 75, 3], linear, images],
	['mobilenet-v2', [64, 64, 3], { ...linear, pooling: 'max' }, images],
	['bert-L2-H8-A2-F12-V20-P8', [3, 6], linear, ['safetensors']],
	['distilbert-L2-H8-A2-F12-V20-P8', [3, 6], { ...linear, hidden: [8] }, ['safetensors']],
];
const COUNT = 2;
const TEXTS = [
	2, 5, 7, 9, 11, 3, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 4, 6, 8, 0, 0, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
];

const all = [];
for (const [architecture, shape, head, formats] of CASES) {
	const one = exportCase(architecture, shape, head, ['cat', 'dog', 'owl']);
	const inputs = shape[0] === 3 ? Float32Array.from(TEXTS) : drawByName('inputs', [COUNT, ...shape]);
	const logits = await one.logits(inputs, COUNT);
	for (const format of formats) {
		const { readBy } = await exportRun({
			...one,
			facts: FACTS,
			tokenizer: null,
			format,
			folder: path.join(folder, architecture, format),
		});
		all.push({ architecture, format, readBy, shape: [COUNT, ...shape], inputs: [...inputs], logits: [...logits] });
	}
	console.log(architecture);
}
writeFileSync(path.join(folder, 'cases.json'), JSON.stringify(all));
process.exit(0);
