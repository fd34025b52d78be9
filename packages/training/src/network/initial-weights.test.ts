import { beforeAll, describe, expect, it } from 'vitest';
import { digits, runSpec } from '../testing/run-spec.js';
import { initialWeights } from './initial-weights.js';
import { buildNetwork, type Network } from './network.js';

let network: Network;
beforeAll(async () => {
	network = buildNetwork(runSpec({ dataset: await digits(['0', '1', '2']), strategy: { kind: 'FROM_SCRATCH' } }));
});
const valuesOf = (name: string, seed = 1) =>
	initialWeights(network, seed, null).get(name)?.values ?? new Float32Array();

describe('initial weights', () => {
	it.each([
		// He: sqrt(6 / fan in); Glorot: sqrt(6 / (fan in + fan out)).
		['backbone/block2_conv/kernel', Math.sqrt(6 / (9 * 32))],
		['head/logits/kernel', Math.sqrt(6 / (64 + 3))],
	])('%s is uniform within its limit', (name, limit) => {
		const values = valuesOf(name);
		const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
		const variance = values.reduce((sum, value) => sum + value ** 2, 0) / values.length;
		expect(Math.max(...values.map(Math.abs))).toBeLessThanOrEqual(limit);
		expect(Math.max(...values)).toBeGreaterThan(0.95 * limit);
		expect(Math.abs(mean)).toBeLessThan((4 * limit) / Math.sqrt(3 * values.length));
		expect(variance / (limit ** 2 / 3)).toBeCloseTo(1, 0);
	});

	it.each([
		['backbone/block1_bn/gamma', 1],
		['backbone/block1_bn/beta', 0],
		['backbone/block1_bn/moving_mean', 0],
		['backbone/block1_bn/moving_variance', 1],
		['head/logits/bias', 0],
	])('%s is %d', (name, value) => {
		expect(new Set(valuesOf(name))).toEqual(new Set([value]));
	});

	it('depend on the seed and the name alone', () => {
		expect(valuesOf('head/logits/kernel', 2)).not.toEqual(valuesOf('head/logits/kernel', 1));
		expect(valuesOf('backbone/block3_conv/kernel')).toEqual(valuesOf('backbone/block3_conv/kernel'));
		const [third, fourth] = ['block3', 'block4'].map((block) => valuesOf(`backbone/${block}_conv/kernel`));
		expect(third?.slice(0, 9)).not.toEqual(fourth?.slice(0, 9));
	});
});
