import { writeFile } from 'node:fs/promises';
import { findArchitecture, summarizeBackbone } from '@graft/domain/architecture';
import { type HostWeights, initialWeights } from '../../network/initial-weights.js';
import { assembleNetwork } from '../../network/network.js';
import { writeSafetensors } from '../../safetensors/index.js';
import { tokenizerFromVocabulary } from '../../tokenizer/index.js';
import { REVIEWS } from './reviews.js';

/** bert-base-uncased's vocabulary has so many tokens; those of the reviews stand where it has others. */
const VOCABULARY = 30_522;
const FIRST_WORD = 1996;

/**
 * Weights of a true architecture that nobody has trained, as a backbone's file. Kernels are drawn with the variance 1 / fan
 * in, so that the numbers stay of one size through fifty layers that have no statistics of their own yet.
 */
export async function writeStandIn(file: string, architecture: string, shape: readonly number[]): Promise<void> {
	const found = findArchitecture(architecture);
	if (found === null) throw new Error(`there is no architecture ${architecture}`);
	const body = summarizeBackbone(found, shape).network;
	const network = assembleNetwork(body, { layers: [], outputShape: body.outputShape }, shape);
	const drawn = initialWeights(network, 0, null);
	const weights: HostWeights = new Map(
		network.weights.map(({ name, spec }) => {
			const { shape: own, values } = drawn.get(name) ?? { shape: spec.shape, values: new Float32Array(0) };
			if (spec.role !== 'kernel') return [name, { shape: own, values }];
			const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
			const scale = Math.sqrt(3 / spec.fanIn) / largest;
			return [name, { shape: own, values: values.map((value) => value * scale) }];
		}),
	);
	await writeFile(file, writeSafetensors(weights, { architecture }));
}

/** A WordPiece vocabulary of BERT's size that has the words of the reviews. */
export async function writeTokenizer(file: string): Promise<void> {
	const tokens = Array.from({ length: VOCABULARY }, (_, id) => `[unused${id}]`);
	tokens[0] = '[PAD]';
	for (const [place, token] of ['[UNK]', '[CLS]', '[SEP]', '[MASK]'].entries()) tokens[100 + place] = token;
	const words = new Set(REVIEWS.flatMap(({ text }) => text.match(/\w+|[^\w\s]/g) ?? []));
	for (const [place, word] of [...words].sort().entries()) tokens[FIRST_WORD + place] = word;
	await writeFile(file, JSON.stringify(tokenizerFromVocabulary(tokens.join('\n'), { lowercase: true })));
}
