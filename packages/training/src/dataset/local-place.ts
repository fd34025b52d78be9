import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { GraftError } from '@graft/domain/error';
import type { DatasetPlace } from './dataset-format.js';
import { fetchFile, isRemote } from './remote/fetch-file.js';

/** A file or folder on this machine's disk that holds what is at the address. @throws GraftError DATA where nothing is. */
export async function localPlace(place: DatasetPlace): Promise<string> {
	const { uri } = place;
	if (isRemote(uri)) return fetchFile(place);
	if (!uri.startsWith('file:')) {
		throw new GraftError(
			'DATA',
			`Data at ${uri} cannot be read: the address begins with file:///, https:// or s3://.`,
			{ uri },
		);
	}
	const local = fileURLToPath(uri);
	await stat(local).catch((cause: Error) => {
		throw new GraftError('DATA', `Data at ${uri} cannot be read: ${cause.message}.`, { uri }, { cause });
	});
	return local;
}
