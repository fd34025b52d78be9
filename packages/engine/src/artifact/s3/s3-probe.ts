import { createHash } from 'node:crypto';
import { newId } from '@graft/runtime/id';
import { openS3ArtifactStore } from './s3-artifact-store.js';
import { CHECKING, s3Check } from './s3-check.js';
import { CHECKSUM, s3Multipart } from './s3-multipart.js';
import { type S3Bucket, s3Requests } from './s3-request.js';

/** What a server does of what the store can use; nothing of it is required but `listsParts` for large files. */
export interface S3Abilities {
	readonly where: string;
	/** It compares what comes in with the sha256 that was announced. */
	readonly refusesOtherBytes: boolean;
	/** It works out the sha256 of a whole object, so that nobody has to read it for that. */
	readonly hashesCopies: boolean;
	readonly listsParts: boolean;
}

/** Tries the server with a few bytes, and leaves nothing. @throws GraftError as the store's `check`. */
export async function probeS3Store(place: S3Bucket): Promise<S3Abilities> {
	await openS3ArtifactStore(place).check();
	const requests = s3Requests(place);
	const multipart = s3Multipart(requests, place.prefix);
	const { describe, remove } = s3Check(requests, multipart, place);
	const key = `${CHECKING}probe.${newId()}`;
	const bytes = new TextEncoder().encode('Graft');
	const checksum = createHash('sha256').update(bytes).digest('base64');
	const put = (to: string, body: Uint8Array<ArrayBuffer>, headers: Record<string, string>) =>
		requests.send({ method: 'PUT', key: to, body, headers });
	try {
		const refusesOtherBytes = await put(key, new TextEncoder().encode('graft'), { [CHECKSUM]: checksum }).then(
			() => false,
			() => true,
		);
		await put(key, bytes, {});
		const source = `/${place.bucket}/${place.prefix}${key}`.split('/').map(encodeURIComponent).join('/');
		const headers = { 'x-amz-copy-source': source, 'x-amz-checksum-algorithm': 'SHA256' };
		await requests.send({ method: 'PUT', key: `${key}.copy`, headers });
		const hashed = (await describe(`${key}.copy`))?.sha256;
		const id = await multipart.begin(key);
		const listsParts = await multipart.find(key).then(
			(found) => found === id,
			() => false,
		);
		await multipart.abort(key, id);
		const hashesCopies = hashed === Buffer.from(checksum, 'base64').toString('hex');
		return { where: requests.where, refusesOtherBytes, hashesCopies, listsParts };
	} finally {
		await Promise.all([remove(key), remove(`${key}.copy`)]);
	}
}
