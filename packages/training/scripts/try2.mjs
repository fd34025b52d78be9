import { writeFileSync } from 'node:fs';
import { selectBackend } from '../dist/backend/index.js';
import { digits, run, specOf } from './recipe.mjs';

await selectBackend('wasm');
const head = { pooling: 'average', hidden: [], dropout: 0 };
const pre = await digits(['0', '1', '2', '3', '4', '5']);
const p = await run(
	specOf({
		dataset: pre,
		strategy: { kind: 'FROM_SCRATCH', learningRate: 1e-3 },
		head,
		epochs: 10,
		batchSize: 32,
		seed: 1,
	}),
);
writeFileSync('/tmp/training/pre.safetensors', p.checkpoint);
console.log('pre', p.summary.seconds, p.summary.testAccuracy);
const dataset = await digits(['6', '7', '8', '9']);
const S = [
	['scratch', { kind: 'FROM_SCRATCH', learningRate: 1e-3 }],
	['frozen', { kind: 'FEATURE_EXTRACTION', learningRate: 1e-2 }],
	['b4', { kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block4', learningRate: 1e-3 }],
	['b3', { kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3', learningRate: 1e-3 }],
	['full', { kind: 'FULL_FINE_TUNE', learningRate: 1e-3 }],
];
for (const [n, strategy] of S)
	for (const epochs of [40]) {
		const rs = [];
		for (const seed of [1, 2, 3])
			rs.push(
				(
					await run(
						specOf({ dataset, strategy, head, epochs, batchSize: 20, seed, perClass: 5, pretrained: true }),
						p.checkpoint,
					)
				).summary,
			);
		const m = (k) => (rs.reduce((a, r) => a + r[k], 0) / rs.length).toFixed(3);
		console.log(
			n,
			epochs,
			'val',
			m('valAccuracy'),
			'test',
			m('testAccuracy'),
			'trainloss',
			m('trainLoss'),
			's',
			m('seconds'),
		);
	}
