import { GraftError } from '@graft/domain/error';
import type { DatasetAccess, OpenDataset } from './dataset-format.js';
import {
	type DatasetInspection,
	type DatasetSource,
	type LoadedDataset,
	SPLIT_NAMES,
	type VersionedSource,
} from './dataset-spec.js';
import { findFormat } from './formats.js';
import { isRemote } from './remote/fetch-file.js';
import { DIRECT } from './remote/remote-access.js';
import { versionOf } from './version-of.js';

/** Data sets kept parsed: the runs of a comparison come one after the other and share theirs. */
const KEPT = 4;
const kept = new Map<string, LoadedDataset>();

const NOTHING: DatasetAccess = {
	cacheDir: null,
	cacheBytes: 0,
	onProgress: () => undefined,
	preprocessing: null,
	tokenizer: null,
	length: null,
	threads: 0,
	remote: DIRECT,
};

/** Reads the data and says what is to be registered about them. @throws GraftError DATA where they cannot be used. */
export async function inspectDataset(
	source: DatasetSource,
	access: Partial<DatasetAccess> = {},
): Promise<DatasetInspection> {
	const { modality, version, opened } = await open(source, null, access);
	const { classes, splits, inputShape, attribution } = await load(source.uri, version, opened, access);
	return {
		version,
		modality,
		task: opened.task,
		classes: classes.length === 0 ? null : classes,
		splits: SPLIT_NAMES.map((name) => ({
			name,
			examples: splits[name].count,
			classCounts: classes.length === 0 ? null : countsOf(splits[name].labels, classes.length),
		})),
		inputShape: opened.inputShape === undefined ? inputShape : opened.inputShape,
		attribution,
		statistics: (await opened.statistics?.()) ?? null,
	};
}

/** The data of a registered data set. @throws GraftError DATA where they are not those that were registered. */
export async function loadDataset(
	source: VersionedSource,
	access: Partial<DatasetAccess> = {},
): Promise<LoadedDataset> {
	let { version, opened } = await open(source, source.version, access);
	if (version !== source.version && isRemote(source.uri)) {
		// What was fetched before may be of another time.
		({ version, opened } = await open(source, source.version, access, true));
	}
	if (version !== source.version) {
		throw new GraftError(
			'DATA',
			`The data at ${source.uri} have changed since they were registered (version ${source.version.slice(0, 12)}, now ${version.slice(0, 12)}): register them again as a new data set.`,
			{ uri: source.uri, registered: source.version, found: version },
		);
	}
	return load(source.uri, version, opened, access);
}

async function open(
	{ uri, format: name, options: given }: DatasetSource,
	version: string | null,
	access: Partial<DatasetAccess>,
	isStale = false,
) {
	const format = findFormat(name);
	const options = format.parseOptions(given);
	const opened = await format.open({ uri, version, access: { ...NOTHING, ...access }, isStale }, options);
	return { modality: format.modality, opened, version: versionOf(opened.digest, name, options) };
}

async function load(
	uri: string,
	version: string,
	opened: OpenDataset,
	{ preprocessing = null, tokenizer = null, length = null }: Partial<DatasetAccess>,
): Promise<LoadedDataset> {
	const key = [uri, version, preprocessing, tokenizer?.digest, length].join(' ');
	const before = kept.get(key);
	if (before !== undefined) return before;
	const loaded = { version, ...(await opened.load()) };
	kept.set(key, loaded);
	const oldest = kept.keys().next().value;
	if (kept.size > KEPT && oldest !== undefined) kept.delete(oldest);
	return loaded;
}

function countsOf(labels: ArrayLike<number>, classes: number): number[] {
	const counts = Array<number>(classes).fill(0);
	for (let index = 0; index < labels.length; index++) {
		const label = labels[index] ?? 0;
		counts[label] = (counts[label] ?? 0) + 1;
	}
	return counts;
}
