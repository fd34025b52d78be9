import { describe, expect, it } from 'vitest';
import { familyKey, type GroupMember, groupKey, styleGroups } from './groups';

const member = (label: string, trainable: number, over: Partial<GroupMember> = {}): GroupMember => ({
	strategy: { kind: label, learningRate: 0.001 },
	strategyLabel: label,
	config: { epochs: 10, batchSize: 16 },
	backbone: { id: 'b1', name: 'digits-0-5' },
	dataset: { id: 'd1', name: 'digits-6-9' },
	freezePlan: { startsFromPretrained: true, trainableParameters: trainable, frozenParameters: 100 - trainable },
	...over,
});

describe('styleGroups', () => {
	it('ranks by what learns, from scratch last, and counts runs', () => {
		const groups = [
			...styleGroups([
				member('scratch', 100, {
					freezePlan: { startsFromPretrained: false, trainableParameters: 100, frozenParameters: 0 },
				}),
				member('frozen', 1),
				member('full', 100),
				member('frozen', 1),
			]).values(),
		];
		expect(groups.map(({ label, share, runs }) => [label, share, runs])).toEqual([
			['full', 1, 1],
			['frozen', 0.01, 2],
			['scratch', null, 1],
		]);
		expect(new Set(groups.map(({ dash }) => dash.join())).size).toBe(3);
		expect(groups[0]?.dash).toEqual([]);
	});

	it('names what differs where names are alike', () => {
		const other = member('full', 100, { backbone: { id: 'b2', name: 'other' } });
		expect([...styleGroups([member('full', 100), other]).values()].map(({ label }) => label)).toEqual([
			'full (backbone digits-0-5)',
			'full (backbone other)',
		]);
		const rated = member('full', 100, { strategy: { kind: 'full', learningRate: 0.01 } });
		expect([...styleGroups([member('full', 100), rated]).values()].map(({ label }) => label)).toEqual([
			'full (rate 0.001)',
			'full (rate 0.01)',
		]);
		const both = (rate: number) =>
			member('full', 100, { strategy: { learningRate: rate, backboneLearningRate: rate } });
		expect([...styleGroups([both(0.1), both(0.2)]).values()].map(({ label }) => label)).toEqual([
			'full (rate 0.1)',
			'full (rate 0.2)',
		]);
	});
});

describe('groupKey', () => {
	it('keeps runs under other conditions apart, and their family together', () => {
		const a = member('x', 1);
		const b = { ...a, config: { batchSize: 16, epochs: 20, note: 'of no matter' } };
		expect(groupKey(b)).not.toBe(groupKey(a));
		expect(groupKey({ ...b, config: { epochs: 10, batchSize: 16, note: 'of no matter' } })).toBe(groupKey(a));
		expect(familyKey(b)).toBe(familyKey(a));
		expect([...styleGroups([a, b]).values()].map(({ label }) => label)).toEqual(['x (epochs 10)', 'x (epochs 20)']);
	});

	it('does not depend on the order of fields', () => {
		const a = member('x', 1);
		expect(groupKey({ ...a, strategy: { learningRate: 0.001, kind: 'x' } })).toBe(groupKey(a));
		expect(groupKey({ ...a, strategy: { learningRate: 0.01, kind: 'x' } })).not.toBe(groupKey(a));
	});
});
