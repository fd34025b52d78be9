import { createHash } from 'node:crypto';
import { stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import { downloadFile } from '../../download/download-file.js';
import type { DatasetPlace } from '../dataset-format.js';
import { FETCHED, makeRoom } from './make-room.js';
import { resolveRemote } from './remote-access.js';

export const isRemote = (uri: string): boolean => /^(https?|s3):\/\//.test(uri);

/**
 * A file behind an address, on this machine's disk: what was fetched before is used where data are known by their version,
 * which says whether it is the right one. What was not used for the longest time makes room.
 * @throws GraftError DATA where there is no such file or it is larger than the room for it, UNAVAILABLE where nobody answers.
 */
export async function fetchFile({ uri, version, access, isStale = false }: DatasetPlace): Promise<string> {
	const { cacheDir, cacheBytes, onProgress, remote } = access;
	if (cacheDir === null)
		throw new GraftError('DATA', `There is no folder to keep what is fetched from ${uri}.`, { uri });
	const folder = path.join(cacheDir, FETCHED);
	const name = decodeURIComponent(new URL(uri).pathname.split('/').at(-1) ?? '').replaceAll(/[^\w.-]/g, '_');
	const file = path.join(folder, `${createHash('sha256').update(uri).digest('hex').slice(0, 16)}-${name}`);
	const now = new Date();
	if (version !== null && !isStale && (await stat(file).catch(() => null)) !== null) {
		await utimes(file, now, now);
		return file;
	}
	const { url, fetch } = resolveRemote(uri, remote);
	await downloadFile({
		...{ url, to: file, checksum: null, bytes: null, fetch },
		onProgress: (done, total) => {
			if (total > cacheBytes) {
				const what = `${uri} has ${total} bytes, and there is room for ${cacheBytes} (GRAFT_DATA_CACHE_BYTES).`;
				throw new GraftError('DATA', what, { uri, bytes: total, limit: cacheBytes });
			}
			onProgress({ stage: 'fetch', done, total });
		},
	}).catch((error: unknown) => {
		const { status } = (error as { details?: { status?: number } }).details ?? {};
		if (status !== 401 && status !== 403) throw error;
		const what = `${uri} is not given to this machine (status ${status}): for S3 set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`;
		throw new GraftError('DATA', what, { uri, status }, { cause: error });
	});
	await makeRoom(cacheDir, cacheBytes, now.getTime());
	return file;
}
