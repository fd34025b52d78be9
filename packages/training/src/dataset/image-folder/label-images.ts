import { GraftError } from '@graft/domain/error';
import type { SplitName } from '../dataset-spec.js';
import type { ImageFolderOptions } from './image-folder-options.js';
import { byCodePoint, type ImageListing } from './list-images.js';

/** An image, what it shows, and the split that its folder says; null where no folder does. */
export interface LabelledImage {
	readonly path: string;
	/** Index of the class; null without labels. */
	readonly label: number | null;
	readonly split: SplitName | null;
}

export interface LabelledImages {
	readonly classes: readonly string[] | null;
	/** Class by class, each in the listing's order. */
	readonly images: readonly LabelledImage[];
}

const SPLIT_FOLDERS: Readonly<Record<string, SplitName>> = {
	train: 'train',
	training: 'train',
	validation: 'validation',
	val: 'validation',
	valid: 'validation',
	test: 'test',
};

/** Reads classes and splits off the folders' names. @throws GraftError DATA where they do not say them. */
export function labelImages(listing: ImageListing, root: string, options: ImageFolderOptions): LabelledImages {
	const { images: paths, folders } = listing;
	if (paths.length === 0) refuse(`There is no image below ${root} (jpg, png, gif, webp, tiff)`);
	if (!options.labelled) {
		return { classes: null, images: paths.map((path) => ({ path, label: null, split: 'train' })) };
	}
	const bySplit = hasSplitFolders(paths, options);
	const place = (path: string) => {
		const parts = path.split('/');
		return { path, split: bySplit ? splitOf(parts.shift() ?? '', root) : null, parts };
	};
	const placed = paths.map(place);
	const homeless = placed.find(({ parts }) => parts.length < 2);
	if (homeless) refuse(`${homeless.path} lies in no class folder: ${root} wants a subfolder a class`);
	const found = folders
		.filter((folder) => folder !== '')
		.map(place)
		.filter(({ parts, split }) => parts.length === 1 && (split === null || split === 'train'))
		.map(({ parts }) => parts[0] ?? '');
	const classes = options.classes ?? [...new Set(found)].sort(byCodePoint);
	if (classes.length < 2) refuse(`${root} has ${classes.length} class folder (${classes.join()}); training needs two`);
	const label = new Map(classes.map((name, index) => [name, index]));
	const images = placed.flatMap(({ path, split, parts: [name = ''] }): (LabelledImage & { label: number })[] => {
		const own = label.get(name);
		if (own !== undefined) return [{ path, split, label: own }];
		return options.classes === null ? refuse(`${path} is of a class that the train folder does not have`) : [];
	});
	const trained = new Set(
		images.filter(({ split }) => split === null || split === 'train').map((image) => image.label),
	);
	const empty = classes.find((_, index) => !trained.has(index));
	if (empty !== undefined) refuse(`The class folder ${empty} of ${root} has no image to train on`);
	return { classes, images: images.sort((a, b) => a.label - b.label) };
}

function hasSplitFolders(paths: readonly string[], { split }: ImageFolderOptions): boolean {
	if (split !== null) return split.kind === 'folders';
	const tops = new Set(paths.map((path) => path.split('/')[0] ?? ''));
	const splits = [...tops].map((top) => (Object.hasOwn(SPLIT_FOLDERS, top) ? SPLIT_FOLDERS[top] : undefined));
	return splits.includes('train') && !splits.includes(undefined);
}

function splitOf(name: string, folder: string): SplitName {
	const split = Object.hasOwn(SPLIT_FOLDERS, name) ? SPLIT_FOLDERS[name] : undefined;
	return split ?? refuse(`${folder} has a subfolder ${name} beside train, validation and test`);
}

function refuse(what: string): never {
	throw new GraftError('DATA', `${what}.`);
}
