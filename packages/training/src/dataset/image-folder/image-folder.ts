import path from 'node:path';
import type { BrokenExample } from '@graft/domain/dataset';
import { GraftError } from '@graft/domain/error';
import { imagePool } from '../../pipeline/image-pool.js';
import { type LocalFolder, localFolder } from '../archive/local-folder.js';
import type { DatasetFormat, DatasetPlace, OpenDataset } from '../dataset-format.js';
import { SPLIT_NAMES } from '../dataset-spec.js';
import { imageStatistics } from '../image-statistics.js';
import { versionOf } from '../version-of.js';
import { type ImageFolderOptions, parseImageFolderOptions } from './image-folder-options.js';
import { imageReader } from './image-reader.js';
import { labelImages } from './label-images.js';
import { IMAGE, listImages } from './list-images.js';
import { digestManifest, keepManifest, type Manifest, type ManifestEntry, readManifest } from './manifest.js';
import { splitImages } from './split-images.js';

/** Images that a thread looks at for one message. */
const AT_ONCE = 16;
const NAME = 'image-folder';

/** A folder with a subfolder a class, or a .zip of one. A folder's content is not copied: images are decoded when they are trained on. */
export const imageFolder: DatasetFormat<ImageFolderOptions> = {
	name: NAME,
	modality: 'IMAGE',
	parseOptions: parseImageFolderOptions,
	open: async (place, options) => {
		const folder = await localFolder(place, { names: IMAGE, what: 'image (jpg, png, gif, webp, tiff)' });
		const { version, access } = place;
		const versionIs = (manifest: Manifest) => versionOf(digestManifest(manifest), NAME, options);
		// Another archive may have come to the same address: what was seen in one is told of that one alone.
		const keyOf = (of: string) => (folder.archive === null ? of : `${of}-${folder.archive}`);
		const isThis = (manifest: Manifest) => versionIs(manifest) === version;
		const kept =
			access.cacheDir === null || version === null ? null : await readManifest(access.cacheDir, keyOf(version), isThis);
		const manifest = kept ?? (await buildManifest(folder, options, place));
		if (kept === null && access.cacheDir !== null) {
			await keepManifest(access.cacheDir, keyOf(versionIs(manifest)), manifest);
		}
		return opened(folder.folder, manifest, options, place);
	},
};

/** Looks at every image once. */
async function buildManifest(
	{ folder, name: called }: LocalFolder,
	options: ImageFolderOptions,
	{ access }: DatasetPlace,
): Promise<Manifest> {
	const { classes, images } = labelImages(await listImages(folder), called, options);
	const pool = imagePool(access.threads);
	const jobs: Promise<void>[] = [];
	const seen = new Map<string, Pick<ManifestEntry, 'bytes' | 'sha256' | 'width' | 'height'>>();
	const broken: BrokenExample[] = [];
	let done = 0;
	const total = images.length;
	for (let begin = 0; begin < total; begin += AT_ONCE) {
		const some = images.slice(begin, begin + AT_ONCE);
		const look = async () => {
			const scans = await pool.scan(some.map((image) => path.join(folder, image.path)));
			scans.forEach((scan, index) => {
				const name = some[index]?.path ?? '';
				if ('reason' in scan) broken.push({ name, reason: scan.reason });
				else seen.set(name, scan);
			});
			done += some.length;
			access.onProgress({ stage: 'decode', done, total });
		};
		// In turn without threads; side by side with them.
		if (pool.threads === 0) await look();
		else jobs.push(look());
	}
	await Promise.all(jobs);
	broken.sort((a, b) => (a.name < b.name ? -1 : 1));
	if (broken.length > 0 && !options.skipBroken) throw brokenImages(called, broken, total);
	const splits = splitImages(
		images.filter((image) => seen.has(image.path)),
		options.split,
	);
	const entries = SPLIT_NAMES.flatMap((split) =>
		splits[split].map((image): ManifestEntry => {
			const { bytes, sha256, width, height } = seen.get(image.path) as ManifestEntry;
			return { path: image.path, bytes, sha256, width, height, label: image.label, split };
		}),
	);
	return { classes, entries, broken };
}

function brokenImages(folder: string, broken: readonly BrokenExample[], total: number): GraftError {
	const named = broken.slice(0, 10).map(({ name, reason }) => `${name}: ${reason}`);
	const more = broken.length > named.length ? ` … and ${broken.length - named.length} more` : '';
	return new GraftError(
		'DATA',
		`${broken.length} of ${total} images of ${folder} cannot be read (${named.join('; ')}${more}). Mend or remove them, or leave them out with the option skipBroken.`,
		{ broken: broken.slice(0, 100) },
	);
}

function opened(
	folder: string,
	manifest: Manifest,
	options: ImageFolderOptions,
	{ access }: DatasetPlace,
): OpenDataset {
	const { classes, entries, broken } = manifest;
	return {
		digest: digestManifest(manifest),
		task: 'CLASSIFICATION',
		load: async () => {
			const { examples, inputShape, preprocessing } = imageReader(folder, options, access);
			const of = (split: string) => examples(entries.filter((entry) => entry.split === split));
			const splits = { train: of('train'), validation: of('validation'), test: of('test') };
			return { classes: classes ?? [], inputShape, splits, attribution: null, preprocessing };
		},
		statistics: async () => imageStatistics(entries, broken),
	};
}
