import { GraftError } from '@graft/domain/error';
import type { ImageShape } from '../../pipeline/image-jobs.js';
import { imagePool } from '../../pipeline/image-pool.js';
import type { DatasetContent, Examples, Labels, SplitName } from '../dataset-spec.js';
import { assignFractions } from '../table/assign-splits.js';
import type { ArrayOptions } from './array-options.js';
import type { NumberArray } from './number-array.js';

/** Inputs and labels, row by row. */
export interface ArrayPair {
	readonly inputs: NumberArray;
	readonly labels: NumberArray;
}
export type ArrayPairs = { readonly train: ArrayPair } & { readonly [S in SplitName]?: ArrayPair };

/** Which rows of which array a split has. */
export interface ArrayRows {
	readonly inputs: NumberArray;
	readonly rows: readonly number[];
}

export interface ArrayContent extends DatasetContent {
	readonly rows: Readonly<Record<SplitName, ArrayRows>>;
}

/** What arrays of images are to training: read where they are wanted. @throws GraftError DATA where they do not fit. */
export async function arrayContent(pairs: ArrayPairs, options: ArrayOptions, threads: number): Promise<ArrayContent> {
	const shape = imageShape(pairs.train.inputs);
	const read = new Map<SplitName, { readonly pair: ArrayPair; readonly labels: Labels }>();
	for (const [name, pair] of Object.entries(pairs) as [SplitName, ArrayPair][]) {
		if (imageShape(pair.inputs).join() !== shape.join())
			refuse(`${pair.inputs.name} has other images than ${pairs.train.inputs.name}`);
		read.set(name, { pair, labels: await readLabels(pair, options) });
	}
	const train = read.get('train') as { pair: ArrayPair; labels: Labels };
	const classes =
		options.task === 'number'
			? []
			: classesOf(
					[...read.values()].map(({ labels }) => labels as Int32Array),
					options,
				);
	const rest = cut(train.labels, classes, read.has('test'), read.has('validation'), options);
	const partOf = (name: SplitName) => {
		const own = name === 'train' ? undefined : read.get(name);
		const { pair, labels } = own ?? train;
		const rows = own === undefined ? rest[name] : [...labels.keys()];
		return { rows: { inputs: pair.inputs, rows }, examples: examplesOf(pair, labels, rows, shape, options, threads) };
	};
	const [learned, validation, test] = [partOf('train'), partOf('validation'), partOf('test')];
	return {
		...{ classes, inputShape: shape, attribution: null },
		splits: { train: learned.examples, validation: validation.examples, test: test.examples },
		rows: { train: learned.rows, validation: validation.rows, test: test.rows },
	};
}

function imageShape({ shape, name }: NumberArray): ImageShape {
	const [, height, width, channels = 1] = shape;
	if (height === undefined || width === undefined || shape.length > 4 || height * width * channels === 0) {
		return refuse(
			`${name} has the shape ${shape.join(' x ')}; images are count x height x width, and channels after them`,
		);
	}
	return [height, width, channels];
}

async function readLabels({ inputs, labels }: ArrayPair, { task }: ArrayOptions): Promise<Labels> {
	const [count = 0, ...rest] = labels.shape;
	if (rest.some((size) => size !== 1) || count !== inputs.shape[0]) {
		refuse(
			`${labels.name} has the shape ${labels.shape.join(' x ')}, and ${inputs.name} has ${inputs.shape[0]} examples`,
		);
	}
	if (count === 0) refuse(`${inputs.name} is empty`);
	const values = await labels.read([...Array(count).keys()]);
	const isFit =
		task === 'number' ? Number.isFinite : (value: number) => Number.isInteger(value) && value >= 0 && value < 1e6;
	const wrong = values.findIndex((value) => !isFit(value));
	if (wrong >= 0)
		refuse(
			`${labels.name} has ${values[wrong]} in row ${wrong}, which is no ${task === 'number' ? 'number' : 'class'}`,
		);
	return task === 'number' ? Float32Array.from(values) : Int32Array.from(values);
}

function classesOf(labels: readonly Int32Array[], { classes }: ArrayOptions): readonly string[] {
	const highest = Math.max(...labels.map((some) => some.reduce((a: number, b: number) => Math.max(a, b), 0)));
	const names = classes ?? Array.from({ length: highest + 1 }, (_, index) => String(index));
	if (highest >= names.length)
		refuse(`There is a label ${highest}, and options.classes names 0 to ${names.length - 1}`);
	if (names.length < 2) refuse('All labels are 0; training needs two classes');
	const trained = new Set(labels[0]);
	const missing = names.findIndex((_, index) => !trained.has(index));
	if (missing >= 0) refuse(`No training label is ${missing}: labels count from 0, each class has an example`);
	return names;
}

/** The train rows, cut into those splits that have no arrays of their own. */
function cut(
	labels: Labels,
	classes: readonly string[],
	hasTest: boolean,
	hasValidation: boolean,
	options: ArrayOptions,
) {
	const { fractions, splitSeed } = options;
	const validation = hasValidation ? 0 : fractions.validation;
	const test = hasTest ? 0 : fractions.test;
	const strata = classes.length === 0 ? new Int32Array(labels.length) : labels;
	const names = classes.length === 0 ? ['all'] : classes;
	return assignFractions(strata, names, { train: 1 - validation - test, validation, test }, splitSeed);
}

function examplesOf(
	{ inputs }: ArrayPair,
	labels: Labels,
	rows: readonly number[],
	shape: ImageShape,
	options: ArrayOptions,
	threads: number,
): Examples {
	const scale = options.scale ?? (inputs.type === 'u1' ? 255 : 1);
	const pool = imagePool(threads);
	const picked = rows.map((row) => labels[row] ?? 0);
	return {
		count: rows.length,
		labels: labels instanceof Float32Array ? Float32Array.from(picked) : Int32Array.from(picked),
		inputs: {
			ahead: pool.threads + 1,
			read: async (positions, view) => {
				const numbers = await inputs.read(positions.map((position) => rows[position] ?? 0));
				const values = Float32Array.from(numbers, (value) => value / scale);
				return view === null ? values : pool.read({ kind: 'augment', values, shape, view });
			},
		},
	};
}

function refuse(what: string): never {
	throw new GraftError('DATA', `${what}.`);
}
