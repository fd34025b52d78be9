import { summarizeBackbone } from '@graft/domain/architecture';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { forward } from '../network/forward.js';
import { assembleNetwork } from '../network/network.js';
import { useBackend } from '../testing/backends-here.js';
import { expectClose } from '../testing/numeric-gradient.js';
import { cutNetwork } from './cut-network.js';

beforeAll(async () => void (await useBackend()));

/** What a layer does, and how far back it looks: 0 is the layer before, and beyond the first is the input. */
const layer = fc.record({
	kind: fc.constantFrom('relu' as const, 'tanh' as const, 'add' as const),
	back: fc.array(fc.nat(6), { minLength: 2, maxLength: 3 }),
});

/** Any graph of layers on images of 2 x 1 x 2. */
const network = fc.array(layer, { minLength: 1, maxLength: 12 }).map((choices) => {
	const layers = choices.map(({ kind, back }, index) => {
		const read = back.map((steps) => (index - 1 - steps < 0 ? 'input' : `layer${index - 1 - steps}`));
		return { kind, name: `layer${index}`, inputs: kind === 'add' ? read : read.slice(0, 1) };
	});
	const summary = summarizeBackbone(
		{
			...{ name: 'any', family: 'any', modality: 'IMAGE', canDownload: false, defaultInput: [2, 1, 2] },
			groups: [{ name: 'all', layers }],
		},
		[2, 1, 2],
	);
	return assembleNetwork(summary.network, { layers: [], outputShape: [] }, [2, 1, 2]);
});

describe('a cut', () => {
	it('changes no number, wherever it is, and one tensor crosses it', async () => {
		const x = tf.tensor([0.5, -1, 2, 0.25, -0.5, 1, -2, 3], [2, 2, 1, 2]);
		await fc.assert(
			fc.asyncProperty(network, fc.nat(12), async ({ layers }, at) => {
				const { trunk, tail } = cutNetwork(layers, Math.min(at, layers.length));
				const own = new Set(tail.map(({ name }) => name));
				const foreign = new Set(tail.flatMap(({ inputs }) => inputs).filter((name) => !own.has(name)));
				expect(foreign.size).toBeLessThanOrEqual(1);
				const [whole, parts] = tf.tidy(() => {
					const features = forward(trunk, new Map(), x);
					expect(features.shape.slice(1)).toEqual(trunk.at(-1)?.outputShape ?? [2, 1, 2]);
					return [forward(layers, new Map(), x), forward(tail, new Map(), features)];
				});
				expectClose(await parts.data(), await whole.data(), 1e-6);
				expect(x.isDisposed).toBe(false);
				tf.dispose([whole, parts]);
			}),
			{ numRuns: 200 },
		);
		x.dispose();
	});
});
