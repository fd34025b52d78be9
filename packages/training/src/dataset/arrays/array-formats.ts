import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { canonicalJson } from '@graft/domain/json';
import { localFolder } from '../archive/local-folder.js';
import type { DatasetFormat, DatasetPlace, OpenDataset } from '../dataset-format.js';
import type { SplitName } from '../dataset-spec.js';
import { localPlace } from '../local-place.js';
import { type ArrayContent, type ArrayPair, type ArrayPairs, arrayContent } from './array-content.js';
import { openArchive, openArray } from './array-files.js';
import { type ArrayOptions, parseArrayOptions } from './array-options.js';
import { arrayStatistics } from './array-statistics.js';
import type { NumberArray } from './number-array.js';
import { readIdxHeader } from './read-idx.js';
import { readNpyHeader } from './read-npy.js';

/** Images and labels as NumPy arrays: an .npz archive, or a folder of .npy files, which may be larger than memory. */
export const numpy: DatasetFormat<ArrayOptions> = {
	name: 'numpy',
	modality: 'IMAGE',
	parseOptions: parseArrayOptions,
	open: async (place, options) => {
		const file = await localPlace(place);
		if ((await stat(file)).isDirectory()) {
			const names = (await readdir(file)).filter((name) => name.endsWith('.npy')).sort();
			const chosen = pairUp(
				names.map((name) => name.replace(/\.npy$/, '')),
				options,
				place.uri,
			);
			const open = (name: string) => openArray(path.join(file, `${name}.npy`), readNpyHeader);
			return opened(
				place,
				options,
				chosen,
				open,
				await digestOf(
					file,
					Object.values(chosen)
						.flat()
						.map((name) => `${name}.npy`),
				),
			);
		}
		const arrays = await openArchive(file);
		const chosen = pairUp([...arrays.keys()], options, place.uri);
		const open = async (name: string) => arrays.get(name) as NumberArray;
		return opened(place, options, chosen, open, await digestOf(path.dirname(file), [path.basename(file)]));
	},
};

/** Images and labels as MNIST's files are: a folder, or a .zip of one, with train-images-idx3-ubyte and its like. */
export const idx: DatasetFormat<ArrayOptions> = {
	name: 'idx',
	modality: 'IMAGE',
	parseOptions: parseArrayOptions,
	open: async (place, options) => {
		const { folder } = await localFolder(place, { names: /idx\d?/, what: 'IDX file' });
		const names = (await readdir(folder)).sort();
		const find = (split: string, what: string) =>
			names.find((name) => new RegExp(`^${split}[-_.]${what}.*idx\\d?`).test(name)) ?? null;
		const pair = (split: string) => [find(split, 'images'), find(split, 'labels')] as const;
		const chosen: Chosen = {};
		for (const [split, called] of [
			['train', 'train'],
			['test', '(?:t10k|test)'],
		] as const) {
			const [images, labels] = pair(called);
			if (images !== null && labels !== null) chosen[split] = [images, labels];
		}
		if (chosen.train === undefined) {
			throw new GraftError('DATA', `${place.uri} has no train-images-idx3-ubyte and train-labels-idx1-ubyte (.gz).`);
		}
		const open = (name: string) => openArray(path.join(folder, name), readIdxHeader);
		return opened(place, options, chosen, open, await digestOf(folder, Object.values(chosen).flat()));
	},
};

/** Names of inputs and labels, by split. */
type Chosen = { [S in SplitName]?: readonly [inputs: string, labels: string] };

function opened(
	{ access }: DatasetPlace,
	options: ArrayOptions,
	chosen: Chosen,
	open: (name: string) => Promise<NumberArray>,
	digest: string,
): OpenDataset {
	let content: Promise<ArrayContent> | null = null;
	const openAll = async (): Promise<ArrayContent> => {
		const pairs: { [S in SplitName]?: ArrayPair } = {};
		for (const [split, [inputs, labels]] of Object.entries(chosen) as [SplitName, [string, string]][]) {
			pairs[split] = { inputs: await open(inputs), labels: await open(labels) };
		}
		return arrayContent(pairs as ArrayPairs, options, access.threads);
	};
	const read = () => {
		content ??= openAll();
		return content;
	};
	return {
		digest,
		task: options.task === 'number' ? 'REGRESSION' : 'CLASSIFICATION',
		load: read,
		statistics: async () => arrayStatistics((await read()).rows, access.onProgress),
	};
}

const INPUTS = ['x', 'X', 'images', 'inputs', 'data', 'arr_0'];
const LABELS = ['y', 'Y', 'labels', 'targets', 'target', 'arr_1'];
const SUFFIXES: Readonly<Record<SplitName, readonly string[]>> = {
	train: ['_train', '_training'],
	validation: ['_val', '_valid', '_validation'],
	test: ['_test'],
};

/** x_train and y_train, x_test and y_test; or x and y alone; by the options' names where they are given. */
function pairUp(names: readonly string[], { inputs, labels }: ArrayOptions, uri: string): Chosen {
	const find = (bases: readonly string[], suffix: string) =>
		bases.map((base) => `${base}${suffix}`).find((name) => names.includes(name));
	const pairOf = (suffix: string) => {
		const [x, y] = [
			find(inputs === null ? INPUTS : [inputs], suffix),
			find(labels === null ? LABELS : [labels], suffix),
		];
		return x === undefined || y === undefined ? undefined : ([x, y] as const);
	};
	const chosen: Chosen = {};
	for (const [split, suffixes] of Object.entries(SUFFIXES) as [SplitName, readonly string[]][]) {
		const pair = suffixes.map(pairOf).find((one) => one !== undefined);
		if (pair !== undefined) chosen[split] = pair;
	}
	chosen.train ??= pairOf('');
	if (chosen.train !== undefined) return chosen;
	const there = names.slice(0, 12).join(', ');
	throw new GraftError(
		'DATA',
		`${uri} has no arrays x and y, or x_train and y_train: it has ${there}. Name them by inputs and labels.`,
	);
}

/** sha256 of the one file, or over those of several. */
async function digestOf(folder: string, names: readonly string[]): Promise<string> {
	const digests: [string, string][] = [];
	for (const name of [...names].sort()) {
		const hash = createHash('sha256');
		for await (const chunk of createReadStream(path.join(folder, name))) hash.update(chunk as Uint8Array);
		digests.push([name, hash.digest('hex')]);
	}
	const [only] = digests;
	if (digests.length === 1 && only !== undefined) return only[1];
	return createHash('sha256').update(canonicalJson(digests)).digest('hex');
}
