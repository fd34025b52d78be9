import { GraftError } from '@graft/domain/error';
import { fnv1a, mulberry32, shuffle } from '@graft/domain/random';
import { SPLIT_NAMES, type SplitName } from '../dataset-spec.js';

export type Positions = Readonly<Record<SplitName, readonly number[]>>;

/**
 * Positions of each split's rows, in the file's order. Each class is shuffled by itself and cut by the fractions: the
 * same rows, classes and seed give the same splits. `strata` is the class of each row, or one for all of a regression.
 */
export function assignFractions(
	strata: ArrayLike<number>,
	names: readonly string[],
	fractions: Readonly<Record<SplitName, number>>,
	seed: number,
): Positions {
	const members = names.map((): number[] => []);
	for (let row = 0; row < strata.length; row++) members[strata[row] ?? 0]?.push(row);
	const splits: Record<SplitName, number[]> = { train: [], validation: [], test: [] };
	names.forEach((name, stratum) => {
		const shuffled = shuffle(members[stratum] ?? [], mulberry32(fnv1a(`split/${seed}/${name}`)));
		let share = 0;
		let taken = 0;
		for (const split of SPLIT_NAMES) {
			share += fractions[split];
			const end = Math.round(share * shuffled.length);
			for (const row of shuffled.slice(taken, end)) splits[split].push(row);
			taken = end;
		}
	});
	for (const split of SPLIT_NAMES) {
		splits[split].sort((a, b) => a - b);
		if (fractions[split] > 0 && splits[split].length === 0) {
			const message = `${strata.length} rows are too few for one in the split ${split} (${fractions[split]} of them).`;
			throw new GraftError('DATA', message, { split });
		}
	}
	return splits;
}
