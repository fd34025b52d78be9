import { describe, expect, it } from 'vitest';
import type { AnswerFragment } from '../gql/graphql';
import { headline, list } from './headline';

type Group = AnswerFragment['groups'][number];
type Verdict = AnswerFragment['verdicts'][number];
const group = (label: string, mean: number, half: number | null = 0.012): Group => ({
	id: label,
	label,
	n: half === null ? 1 : 5,
	seeds: [0],
	values: [mean],
	mean,
	sd: half,
	ciLow: half === null ? null : mean - half,
	ciHigh: half === null ? null : mean + half,
	trainableParameters: null,
	secondsPerRun: null,
	computePerRun: null,
	strategy: null,
	backbone: null,
	dataset: null,
});
const verdict = (a: string, b: string, kind: Verdict['kind'], moreSeedsNeeded: number | null = null): Verdict => ({
	a,
	b,
	kind,
	difference: 0.1,
	ciLow: 0,
	ciHigh: 0.2,
	pValue: 0.01,
	test: 't',
	pairedBy: 'seed',
	moreSeedsNeeded,
	note: '',
});
const answer = (groups: Group[], verdicts: Verdict[], over: Partial<AnswerFragment> = {}): AnswerFragment => ({
	metric: 'test_accuracy',
	direction: 'MAXIMIZE',
	paretoFront: [],
	recommendation: null,
	groups,
	verdicts,
	...over,
});
const full = group('full fine-tuning', 0.9457);
const partial = group('fine-tune from block3', 0.93);
const frozen = group('feature extraction', 0.79);

describe('headline', () => {
	it('says who wins where everything is settled', () => {
		const verdicts = [verdict(full.label, partial.label, 'BETTER'), verdict(full.label, frozen.label, 'BETTER')];
		expect(headline(answer([full, partial, frozen], verdicts), false)).toEqual({
			sentence: 'Full fine-tuning reaches test_accuracy 0.946 ± 0.012, better than every other strategy.',
			open: null,
			why: null,
		});
	});

	it('names what is open, and what would settle it once nothing runs', () => {
		const verdicts = [
			verdict(full.label, partial.label, 'INCONCLUSIVE', 3),
			verdict(full.label, frozen.label, 'BETTER'),
		];
		expect(headline(answer([full, partial, frozen], verdicts), false)).toEqual({
			sentence: 'Full fine-tuning reaches test_accuracy 0.946 ± 0.012, better than feature extraction.',
			open: 'Against fine-tune from block3 it is not settled. About 3 more seeds each may tell them apart.',
			why: null,
		});
		expect(headline(answer([full, partial, frozen], verdicts), true).open).toBe(
			'Against fine-tune from block3 it is not settled.',
		);
	});

	it('does not call a tie a win', () => {
		const both = headline(answer([full, partial], [verdict(full.label, partial.label, 'EQUIVALENT')]), false);
		expect(both.sentence).toContain('the highest so far');
		expect(both.open).toBe('Fine-tune from block3 is as good.');
		expect(headline(answer([full, partial], [], { direction: 'MINIMIZE' }), false).sentence).toContain(
			'the lowest so far',
		);
	});

	it('claims nothing without evidence', () => {
		expect(headline(answer([], []), true).sentence).toBe('The first runs are on their way.');
		expect(headline(answer([group('x', 0.5, null)], []), false).sentence).toBe(
			'X reaches test_accuracy 0.500 (one seed). There is nothing yet to compare it with.',
		);
	});

	it('says why the recommended one is recommended', () => {
		const recommended = (group: string) =>
			headline(
				answer([full, partial], [verdict(full.label, partial.label, 'EQUIVALENT')], {
					recommendation: { group, reason: '' },
				}),
				false,
			).why;
		expect(recommended(full.label)).toBe('highest mean');
		expect(recommended(partial.label)).toBe('as good as full fine-tuning, and cheaper');
	});

	it('leaves several data sets to the recommendation', () => {
		const letters = { ...partial, dataset: { id: 'letters', name: 'letters' } };
		const told = { recommendation: { group: full.label, reason: 'On digits: this. On letters: that.' } };
		expect(headline(answer([full, letters], [], told), false).sentence).toBe('On digits: this. On letters: that.');
	});

	it('lists names as people do', () => {
		expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(list)).toEqual(['', 'a', 'a and b', 'a, b and c']);
		expect(list(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c and 3 others');
	});
});
