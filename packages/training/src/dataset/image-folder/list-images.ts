import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';

/** What Keras' two functions take, as far as it can be decoded here. */
export const IMAGE = /\.(jpe?g|png|gif|webp|tiff?|bmp)$/i;

/** What lies below a folder, as paths with slashes. */
export interface ImageListing {
	/** In Keras' order: folders sorted, then names. */
	readonly images: readonly string[];
	/** The folder itself is the empty path. */
	readonly folders: readonly string[];
}

/**
 * Links to folders are not
 * followed, hidden folders not entered. @throws GraftError DATA where the folder cannot be read or a link leads out of it.
 */
export async function listImages(root: string): Promise<ImageListing> {
	const home = await realpath(root).catch((cause: Error) => refuse(`${root} cannot be read: ${cause.message}`, cause));
	const folders = new Map<string, string[]>();
	const enter = async (folder: string): Promise<void> => {
		const names: string[] = [];
		folders.set(folder, names);
		for (const entry of await readdir(path.join(home, folder), { withFileTypes: true })) {
			const inside = folder === '' ? entry.name : `${folder}/${entry.name}`;
			if (entry.name.startsWith('.')) continue;
			if (entry.isDirectory()) await enter(inside);
			else if (entry.isSymbolicLink() ? await isOwnFile(home, inside) : entry.isFile()) {
				if (IMAGE.test(entry.name)) names.push(entry.name);
			}
		}
	};
	await enter('').catch((cause: Error) => {
		throw cause instanceof GraftError ? cause : refuse(`${root} cannot be read: ${cause.message}`, cause);
	});
	const sorted = [...folders.keys()].sort(byCodePoint);
	const images = sorted.flatMap((folder) =>
		(folders.get(folder) ?? []).sort(byCodePoint).map((name) => (folder === '' ? name : `${folder}/${name}`)),
	);
	return { images, folders: sorted };
}

/** As Python sorts text: JavaScript's order differs beyond the 65,536th character. */
export const byCodePoint = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

async function isOwnFile(home: string, inside: string): Promise<boolean> {
	const target = await realpath(path.join(home, inside)).catch(() => null);
	// A link to nothing is no image.
	if (target === null) return false;
	if (!target.startsWith(home + path.sep)) {
		refuse(`${inside} is a link that leads out of the folder (to ${target}): copy what it names, or remove it`);
	}
	return (await stat(target)).isFile();
}

function refuse(what: string, cause?: Error): never {
	throw new GraftError('DATA', `${what}.`, {}, { cause });
}
