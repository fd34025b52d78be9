import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { comparisonJson, comparisonLines } from './comparison-table.js';
import type { ComparisonView } from './read-comparison.js';

type Group = ComparisonView['comparison']['groups'][number];

const group = (label: string, mean: number, half: number | null, trainableParameters: number): Group => ({
	id: `id of ${label}`,
	label,
	strategy: { kind: label },
	n: half === null ? 1 : 5,
	seeds: [1, 2, 3, 4, 5],
	values: [mean],
	mean,
	sd: half === null ? null : half / 1.2416,
	ciLow: half === null ? null : mean - half,
	ciHigh: half === null ? null : mean + half,
	trainableParameters,
	secondsPerRun: 0.94,
	computePerRun: 1e9,
	backbone: { name: 'digits-0-5', parameterCount: 65_000 },
	dataset: { name: 'digits-6-9' },
});

const view: ComparisonView = {
	experiment: { id: 'e', name: 'Depths' },
	shares: new Map([
		['full fine-tuning', 1],
		['feature extraction', 0.01],
		['from scratch', null],
	]),
	comparison: {
		metric: 'test_accuracy',
		direction: 'MAXIMIZE',
		groups: [
			group('full fine-tuning', 0.94573, 0.0121, 65_124),
			group('from scratch', 0.8901, 0.03, 65_124),
			group('feature extraction', 0.7923, null, 260),
		],
		verdicts: [],
		recommendation: { group: 'id of full fine-tuning', reason: 'Full fine-tuning: 0.946 is best.' },
		paretoFront: [],
	},
};

describe('comparisonLines', () => {
	it('aligns numbers right, with the digits that the interval justifies', () => {
		expect(comparisonLines(view, 1)).toEqual([
			'strategy            n  test_accuracy     sd   95 % interval  learning parameters  seconds a run',
			'full fine-tuning    5          0.946  0.010  0.934 to 0.958               65,124            0.9',
			'from scratch        5          0.890  0.024  0.860 to 0.920               65,124            0.9',
			'feature extraction  1          0.792                                         260            0.9',
			'',
			'Full fine-tuning: 0.946 is best.',
		]);
	});

	it('paints the thaw scale where the terminal has colours, and the text stays the same', () => {
		const painted = comparisonLines(view, 24);
		expect(painted.map((line) => stripVTControlCharacters(line))).toEqual(comparisonLines(view, 1));
		expect(painted[1]).toContain('\x1b[38;2;255;138;80mfull fine-tuning');
		expect(painted[2]).toContain('\x1b[38;2;155;166;178mfrom scratch');
		expect(comparisonLines(view, 8)[1]).toContain('\x1b[38;5;');
	});

	it('says so where nothing has finished', () => {
		const empty = { ...view, comparison: { ...view.comparison, groups: [] } };
		expect(comparisonLines(empty, 1)).toEqual(['No finished run has test_accuracy yet.']);
	});
});

describe('comparisonJson', () => {
	it('names the recommended group and carries every number', () => {
		const json = comparisonJson(view);
		expect(json.recommendation).toMatchObject({ label: 'full fine-tuning' });
		expect(json.verdict).toBe('Full fine-tuning: 0.946 is best.');
		expect(json.groups[0]).toMatchObject({ n: 5, mean: 0.94573, trainableParameters: 65_124, seconds: 0.94 });
	});
});
