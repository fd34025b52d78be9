import { GraftError } from '@graft/domain/error';
import { fnv1a, mulberry32, shuffle } from '@graft/domain/random';
import { SPLIT_NAMES, type SplitName } from '../dataset-spec.js';
import type { ImageSplit } from './image-folder-options.js';
import type { LabelledImage } from './label-images.js';
import { numpyShuffle } from './numpy-shuffle.js';

type Splits<T> = Record<SplitName, readonly T[]>;

const STRATIFIED: ImageSplit = { kind: 'stratified', seed: 0, fractions: { train: 0.7, validation: 0.15, test: 0.15 } };

/**
 * Which image is in which split, in the order of their examples: a pure function of list and options.
 * @throws GraftError DATA where nothing is left to train on.
 */
export function splitImages<T extends LabelledImage>(images: readonly T[], asked: ImageSplit | null): Splits<T> {
	const named = images.some(({ split }) => split !== null);
	const splits = named ? byFolder(images) : byRule(images, asked ?? STRATIFIED);
	if (splits.train.length > 0) return splits;
	throw new GraftError('DATA', `Of ${images.length} images none is in the train split.`, { images: images.length });
}

const byFolder = <T extends LabelledImage>(images: readonly T[]): Splits<T> => ({
	train: images.filter(({ split }) => split === 'train'),
	validation: images.filter(({ split }) => split === 'validation'),
	test: images.filter(({ split }) => split === 'test'),
});

function byRule<T extends LabelledImage>(images: readonly T[], rule: ImageSplit): Splits<T> {
	const labels = [...new Set(images.map(({ label }) => label))];
	const classes = labels.map((label) => images.filter((image) => image.label === label));
	switch (rule.kind) {
		case 'flow_from_directory': {
			// The first ones of each class, in the order of their names.
			const cut = classes.map((own) => [own, Math.trunc(rule.validation * own.length)] as const);
			return {
				train: cut.flatMap(([own, count]) => own.slice(count)),
				validation: cut.flatMap(([own, count]) => own.slice(0, count)),
				test: [],
			};
		}
		case 'image_dataset_from_directory': {
			// The last ones of all of them, shuffled together.
			const shuffled = numpyShuffle(images, rule.seed);
			const end = images.length - Math.trunc(rule.validation * images.length);
			return { train: shuffled.slice(0, end), validation: shuffled.slice(end), test: [] };
		}
		case 'stratified': {
			const splits: Record<SplitName, T[]> = { train: [], validation: [], test: [] };
			for (const own of classes) {
				const name = own[0]?.path.split('/').at(-2) ?? '';
				const shuffled = shuffle(own, mulberry32(fnv1a(`split/${rule.seed}/${name}`)));
				let done = 0;
				let begin = 0;
				for (const split of SPLIT_NAMES) {
					done += rule.fractions[split];
					const end = Math.round(done * own.length);
					splits[split].push(...shuffled.slice(begin, end));
					begin = end;
				}
				if (splits.train.at(-1)?.label !== own[0]?.label) {
					throw new GraftError('DATA', `Class ${name} has ${own.length} images, too few for one in the train split.`);
				}
			}
			return splits;
		}
		case 'folders':
			throw new GraftError('DATA', 'The folder has no subfolders train, validation and test.');
	}
}
