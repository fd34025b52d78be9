import { UPLOAD_PART_BYTES } from '@graft/domain/artifact';
import { GraftError } from '@graft/domain/error';
import type { ArtifactFile, ArtifactStore } from '../../contract/artifact-store.js';
import { checkedBytes } from '../checked-bytes.js';
import type { ListedPart, S3Multipart } from './s3-multipart.js';
import type { S3Requests } from './s3-request.js';

/**
 * Bytes that pass through this process, as a restored backup's do: hashed on the way, a part in memory at a time, and made an
 * object only when they are the file's.
 */
export function s3Put({ send }: S3Requests, multipart: S3Multipart, folder: string): ArtifactStore['put'] {
	return async ({ digest, bytes }: ArtifactFile, source) => {
		const key = `${folder}${digest}`;
		const pieces = inParts(checkedBytes({ name: `artifact ${digest}`, bytes, sha256: digest }, source));
		if (bytes <= UPLOAD_PART_BYTES) {
			let whole: Uint8Array<ArrayBuffer> = new Uint8Array();
			for await (const piece of pieces) whole = piece;
			await send({ method: 'PUT', key, body: whole });
			return;
		}
		const id = await multipart.begin(key);
		const parts: ListedPart[] = [];
		try {
			for await (const body of pieces) {
				const number = parts.length + 1;
				const query = { partNumber: String(number), uploadId: id };
				const { status, headers } = await send({ method: 'PUT', key, query, body, timeoutMs: 5 * 60_000 });
				if (status >= 300) throw new GraftError('UNAVAILABLE', 'The artifact store has given up an upload of ours.');
				parts.push({ number, etag: headers.get('etag') ?? '', bytes: body.length, sha256: null, at: 0 });
			}
		} catch (error) {
			await multipart.abort(key, id).catch(() => undefined);
			throw error;
		}
		await multipart.complete(key, id, parts);
	};
}

/** The same bytes in pieces of a part's size, the last one smaller. */
async function* inParts(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
	let waiting: Uint8Array[] = [];
	let length = 0;
	for await (const chunk of source) {
		let rest = chunk;
		while (length + rest.length >= UPLOAD_PART_BYTES) {
			const fits = UPLOAD_PART_BYTES - length;
			yield new Uint8Array(Buffer.concat([...waiting, rest.subarray(0, fits)]));
			[waiting, length, rest] = [[], 0, rest.subarray(fits)];
		}
		if (rest.length > 0) waiting.push(rest);
		length += rest.length;
	}
	if (length > 0) yield new Uint8Array(Buffer.concat(waiting));
}
