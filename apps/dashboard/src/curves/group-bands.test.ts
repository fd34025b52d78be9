import { tInterval } from '@graft/domain/statistics';
import { describe, expect, it } from 'vitest';
import type { GroupMember } from '../thaw/groups';
import { groupKey, styleGroups } from '../thaw/groups';
import { bandCounts, bandLines, drawable, GROUP_BY } from './group-bands';

const list = (...values: number[]) => Float64Array.from(values);

describe('drawable', () => {
	it('keeps bands of three seeds and more', () => {
		const [two, three] = [tInterval([0.8, 0.9]), tInterval([0.7, 0.8, 0.9])];
		if (!two || !three) throw new Error('both have an interval');
		const [low, high] = drawable(list(two.low, three.low), list(two.high, three.high), list(Math.SQRT1_2 * 0.1, 0.1));
		expect([...low]).toEqual([Number.NaN, three.low]);
		expect([...high]).toEqual([Number.NaN, three.high]);
	});
	it('keeps a band of no width', () => {
		expect(drawable(list(1), list(1), list(0)).map((side) => [...side])).toEqual([[1], [1]]);
	});
});

describe('bandLines', () => {
	const member: GroupMember = {
		strategy: { kind: 'FULL_FINE_TUNE' },
		strategyLabel: 'full fine-tuning',
		config: { epochs: 10, seed: 3 },
		backbone: { id: 'b', name: 'b' },
		dataset: { id: 'd', name: 'd' },
		freezePlan: { startsFromPretrained: true, trainableParameters: 9, frozenParameters: 1 },
	};
	const group = Object.fromEntries(GROUP_BY.map((field) => [field, null as unknown]));
	const band = {
		group: { ...group, strategy: member.strategy, backbone: 'b', dataset: 'd', 'config.epochs': 10 },
		runs: 4,
		x: [1],
		mean: [0.5],
		sd: [0.1],
		low: [0.4],
		high: [0.6],
	};

	it('finds the look of the runs that it is the mean of', () => {
		const [line] = bandLines([band], styleGroups([member]));
		expect(line).toMatchObject({ group: groupKey(member), color: { share: 0.9 }, y: list(0.5), low: list(0.4) });
		expect(bandCounts([band]).get(groupKey(member))).toBe(4);
	});
	it('leaves out what belongs to no loaded run', () => {
		expect(bandLines([{ ...band, group: { ...band.group, 'config.epochs': 20 } }], styleGroups([member]))).toEqual([]);
	});
});
