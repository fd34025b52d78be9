import { mulberry32 } from '@graft/domain/random';
import type { RunSpec } from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import { runSpec } from '../testing/run-spec.js';

/** Networks that are measured, with the shape of an example. Texts are ids, mask and segments of 128 tokens. */
export const MEASURED = {
	resnet50: [224, 224, 3],
	'bert-base': [3, 128],
	'small-cnn': [32, 32, 3],
} as const;
export type MeasuredNetwork = keyof typeof MEASURED;

const ENTRIES = 30_522;

/** A run on noise. */
export function noiseRun(
	architecture: MeasuredNetwork,
	strategy: StrategyInput,
	classes: number,
	settings: Partial<Pick<RunSpec, 'head' | 'epochs'>> & { readonly pretrained?: boolean } = {},
): RunSpec {
	const input = { shape: MEASURED[architecture], preprocessing: null, tokenizer: null, maxLength: null };
	const names = Array.from({ length: classes }, (_, index) => String(index));
	const noun = { id: 'noise', name: 'noise', version: 'noise', task: 'CLASSIFICATION', classes: names } as const;
	const dataset = { ...noun, splits: [], uri: 'memory:', format: 'noise', options: {}, input };
	return runSpec({ dataset, architecture, strategy, ...settings });
}

/** Inputs that the network takes: numbers below 1, or ids, all of them visible. */
export function noise(network: MeasuredNetwork, count: number): Float32Array {
	const shape = MEASURED[network];
	const size = shape.reduce((product: number, one) => product * one, 1);
	const random = mulberry32(1);
	if (shape.length === 3) return Float32Array.from({ length: count * size }, random);
	const tokens = shape[1];
	return Float32Array.from({ length: count * size }, (_, at) => {
		const row = Math.floor(at / tokens) % 3;
		return row === 0 ? Math.floor(random() * ENTRIES) : Number(row === 1);
	});
}
