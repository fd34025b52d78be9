import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { GraftError } from '@graft/domain/error';
import type { DatasetPlace } from './dataset-format.js';

/** A file or folder on this machine's disk that holds what is at the address. @throws GraftError DATA where nothing is. */
export async function localPlace({ uri }: DatasetPlace): Promise<string> {
	if (!uri.startsWith('file:')) {
		throw new GraftError('DATA', `Data at ${uri} cannot be read: the address begins with file:///.`, { uri });
	}
	const place = fileURLToPath(uri);
	await stat(place).catch((cause: Error) => {
		throw new GraftError('DATA', `Data at ${uri} cannot be read: ${cause.message}.`, { uri }, { cause });
	});
	return place;
}
