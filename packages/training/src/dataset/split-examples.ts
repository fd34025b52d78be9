import { GraftError } from '@graft/domain/error';
import { fnv1a, mulberry32, shuffle } from '@graft/domain/random';
import type { CsvImageOptions } from './csv-image-options.js';
import { SPLIT_NAMES, type SplitName } from './dataset-spec.js';

/**
 * Positions of each split's examples. Every class is shuffled by itself and cut by the fractions, and the order depends
 * on the class's name and the seed alone: a digit is split the same way whichever other digits are in the data set.
 */
export function splitExamples(
	classes: readonly string[],
	labels: Int32Array,
	{ splitSeed, fractions }: Pick<CsvImageOptions, 'splitSeed' | 'fractions'>,
): Record<SplitName, readonly number[]> {
	const splits: Record<SplitName, number[]> = { train: [], validation: [], test: [] };
	classes.forEach((name, index) => {
		const positions = [...labels.keys()].filter((position) => labels[position] === index);
		const shuffled = shuffle(positions, mulberry32(fnv1a(`split/${splitSeed}/${name}`)));
		let share = 0;
		let taken = 0;
		for (const split of SPLIT_NAMES) {
			share += fractions[split];
			const end = Math.round(share * shuffled.length);
			if (end === taken) {
				const message = `Class ${name} has ${shuffled.length} examples, too few for one in the split ${split}.`;
				throw new GraftError('DATA', message, { class: name, split });
			}
			splits[split].push(...shuffled.slice(taken, end));
			taken = end;
		}
	});
	return splits;
}
