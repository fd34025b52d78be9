import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { GraftError } from '@graft/domain/error';

export interface Located {
	readonly uri: string;
	/** Null where the place does not say it. */
	readonly format: string | null;
}

/** What endings say about the content; a CSV may hold texts, numbers or pixels. */
const FORMATS: readonly (readonly [RegExp, string])[] = [
	[/\.np[yz]$/, 'numpy'],
	[/\.(zip|tar|tar\.gz|tgz)$/i, 'image-folder'],
	[/(-idx\d-ubyte|\.idx\d?)(\.gz)?$/, 'idx'],
];

/** A path on this machine as an address; addresses stay as they are. @throws GraftError where there is nothing. */
export function locate(place: string): Located {
	if (/^[a-z][a-z\d+.-]+:/i.test(place) && !/^[a-z]:[\\/]/i.test(place)) return { uri: place, format: formatOf(place) };
	const file = path.resolve(place);
	if (!existsSync(file)) throw new GraftError('CONFIGURATION', `There is nothing at ${file}.`);
	const isFolder = statSync(file).isDirectory();
	return { uri: pathToFileURL(file).href, format: isFolder ? 'image-folder' : formatOf(file) };
}

const formatOf = (place: string): string | null => FORMATS.find(([ending]) => ending.test(place))?.[1] ?? null;
