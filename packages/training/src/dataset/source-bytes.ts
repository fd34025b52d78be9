import { readFile } from 'node:fs/promises';
import { GraftError } from '@graft/domain/error';
import type { DatasetPlace } from './dataset-format.js';
import { localPlace } from './local-place.js';

interface Builtin {
	readonly file: URL;
	readonly attribution: string;
}

/** Data that come with the package. */
const BUILTIN: Readonly<Record<string, Builtin>> = {
	optdigits: {
		file: new URL('../../data/optdigits.csv', import.meta.url),
		attribution:
			'Optical Recognition of Handwritten Digits, E. Alpaydin and C. Kaynak, 1998, UCI Machine Learning Repository, CC BY 4.0.',
	},
};

export interface SourceBytes {
	readonly bytes: Uint8Array;
	readonly attribution: string | null;
}

/** @throws GraftError DATA where the address is of no known kind or nothing can be read there. */
export async function readSource(place: DatasetPlace): Promise<SourceBytes> {
	const { uri } = place;
	if (uri.startsWith('builtin:')) {
		const builtin = BUILTIN[uri.slice('builtin:'.length)];
		if (builtin === undefined) {
			const known = Object.keys(BUILTIN).map((name) => `builtin:${name}`);
			throw new GraftError('DATA', `There is no data set ${uri}; there is ${known.join(', ')}.`, { uri });
		}
		return { bytes: await readFile(builtin.file), attribution: builtin.attribution };
	}
	return { bytes: await readFile(await localPlace(place)), attribution: null };
}
