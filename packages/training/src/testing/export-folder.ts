import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { HeadSpec } from '@graft/domain/run';
import type * as tf from '@tensorflow/tfjs-core';
import { type ExportFormat, exportRun } from '../export/index.js';
import { type ExportCase, FACTS } from './export-case.js';

export const CLASSES = ['cat', 'dog', 'owl'];
export const HEAD: HeadSpec = {
	...{ pooling: 'average', inputDropout: 0.1, dropout: 0.2 },
	hidden: [{ units: 5, activation: 'tanh', dropout: 0 }, { units: 4, activation: 'gelu', dropout: 0.1 }, 3],
};

/** A folder in which each export gets one of its own. */
export class ExportFolder {
	readonly #folder = mkdtempSync(path.join(tmpdir(), 'graft-export-'));
	#count = 0;

	async write({ spec, checkpoint }: ExportCase, format: ExportFormat, tokenizer: Uint8Array | null = null) {
		this.#count += 1;
		const to = path.join(this.#folder, `${this.#count}`);
		return { to, exported: await exportRun({ spec, checkpoint, facts: FACTS, tokenizer, format, folder: to }) };
	}

	remove(): void {
		rmSync(this.#folder, { recursive: true });
	}
}

/** Gives TensorFlow.js a model from a folder of files. */
export function fromFolder(to: string): tf.io.IOHandler {
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
