import { beforeAll, describe, expect, it } from 'vitest';
import { type HostWeights, initialWeights } from '../network/initial-weights.js';
import { buildNetwork, type Network } from '../network/network.js';
import { digits, runSpec } from '../testing/run-spec.js';
import { verifyPlan } from './verify-plan.js';

let network: Network;
let before: HostWeights;
let plan: ReturnType<typeof runSpec>['plan'];

beforeAll(async () => {
	const strategy = { kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3' } as const;
	const spec = runSpec({ dataset: await digits(['0', '1']), strategy });
	network = buildNetwork(spec);
	before = initialWeights(network, 1, null);
	plan = spec.plan;
});

/** The weights with one number of one tensor moved. */
function moved(name: string, change: (value: number) => number): HostWeights {
	const tensor = before.get(name);
	if (tensor === undefined) throw new Error(name);
	const values = Float32Array.from(tensor.values);
	values[0] = change(values[0] ?? 0);
	return new Map([...before, [name, { shape: tensor.shape, values }]]);
}
const groupOf = (weights: HostWeights, name: string) =>
	verifyPlan(network, plan, before, weights).verification.groups.find((group) => group.group === name);

describe('verifyPlan', () => {
	it('finds nothing where nothing changed', () => {
		const { verification, violations } = verifyPlan(network, plan, before, new Map(before));
		expect(violations).toEqual([]);
		expect(verification.groups.map(({ group, planned, changed }) => [group, planned, changed])).toEqual([
			['block1', 'frozen', false],
			['block2', 'frozen', false],
			['block3', 'ALL', false],
			['block4', 'ALL', false],
			['head', 'ALL', false],
		]);
	});

	it('lets a learning group change, and says by how much', () => {
		const after = moved('backbone/block3_conv/kernel', (value) => value + 0.5);
		expect(verifyPlan(network, plan, before, after).violations).toEqual([]);
		const group = groupOf(after, 'block3');
		expect(group).toMatchObject({ changed: true, batchNormMoved: false });
		expect(group?.maxAbsDelta).toBeCloseTo(0.5, 6);
	});

	it.each([
		['a frozen kernel, by its last bit', 'backbone/block2_conv/kernel', (value: number) => value * (1 + 2 ** -23)],
		['the sign of a zero', 'backbone/block1_bn/beta', () => -0],
		['statistics of a frozen group', 'backbone/block1_bn/moving_mean', (value: number) => value + 1],
		['statistics of a learning group whose statistics stay', 'backbone/block4_bn/moving_variance', () => 2],
	])('reports %s', (_, name, change) => {
		const { verification, violations } = verifyPlan(network, plan, before, moved(name, change));
		expect(verification.ok).toBe(false);
		expect(violations).toEqual([name]);
	});

	it('says whose statistics moved', () => {
		expect(
			groupOf(
				moved('backbone/block4_bn/moving_mean', () => 3),
				'block4',
			)?.batchNormMoved,
		).toBe(true);
	});
});
