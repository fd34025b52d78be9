import type { BrokenExample, DatasetStatistics } from '@graft/domain/dataset';
import { distributionOf } from './distribution.js';

/** What statistics look at. */
export interface CountedImage {
	readonly path: string;
	readonly bytes: number;
	readonly sha256: string;
	readonly width: number;
	readonly height: number;
	readonly split: string;
}

/** Groups of equal examples, and broken ones, that are named; all of them are counted. */
const NAMED = 100;

export function imageStatistics(images: readonly CountedImage[], broken: readonly BrokenExample[]): DatasetStatistics {
	return {
		bytes: images.reduce((sum, { bytes }) => sum + bytes, 0),
		distributions: [
			distributionOf(
				'width',
				'px',
				images.map(({ width }) => width),
			),
			distributionOf(
				'height',
				'px',
				images.map(({ height }) => height),
			),
			distributionOf(
				'size',
				'bytes',
				images.map(({ bytes }) => bytes),
			),
		],
		duplicates: duplicatesOf(images),
		broken: { count: broken.length, named: broken.slice(0, NAMED) },
	};
}

function duplicatesOf(images: readonly CountedImage[]): DatasetStatistics['duplicates'] {
	const twins = new Map<string, CountedImage[]>();
	for (const image of images) twins.set(image.sha256, [...(twins.get(image.sha256) ?? []), image]);
	const groups = [...twins.values()].filter((group) => group.length > 1);
	const later = groups.flatMap(([first, ...rest]) => rest.map((image) => image.split !== first?.split));
	return {
		examples: later.length,
		acrossSplits: later.filter((isAcross) => isAcross).length,
		groups: groups.slice(0, NAMED).map((group) => group.map(({ path }) => path)),
	};
}
