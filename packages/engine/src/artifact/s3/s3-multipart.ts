import { countParts, partRange } from '@graft/domain/artifact';
import type { UploadFile } from '../../contract/artifact-store.js';
import type { S3Requests } from './s3-request.js';

/** A part as S3 lists it. `sha256` is in base64, and null with servers that keep none. */
export interface ListedPart {
	readonly number: number;
	readonly etag: string;
	readonly bytes: number;
	readonly sha256: string | null;
	readonly at: number;
}

export interface ListedUpload {
	/** Below the prefix. */
	readonly key: string;
	readonly id: string;
	readonly at: number;
}

/** S3's multi-part uploads: parts that are no object until they are completed. */
export interface S3Multipart {
	/** All uploads that are under way below a key's beginning. */
	list(keyPrefix: string): Promise<ListedUpload[]>;
	/** The one upload of this key that everybody takes part in, begun where there is none. */
	join(key: string): Promise<string>;
	find(key: string): Promise<string | null>;
	begin(key: string, headers?: Readonly<Record<string, string>>): Promise<string>;
	/** Its parts, by their numbers; none where the upload is not there any more. */
	parts(key: string, id: string): Promise<ListedPart[]>;
	/** Makes the parts one object. False: the upload is not there any more. */
	complete(key: string, id: string, parts: readonly ListedPart[]): Promise<boolean>;
	abort(key: string, id: string): Promise<void>;
}

/** S3's checksums are in base64. */
export const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64');
export const CHECKSUM = 'x-amz-checksum-sha256';

export function s3Multipart({ send }: S3Requests, prefix: string): S3Multipart {
	async function* pages(key: string | undefined, query: Record<string, string>, markers: Record<string, string>) {
		let next: Record<string, string> = {};
		for (;;) {
			const { status, xml } = await send({
				method: 'GET',
				...(key === undefined ? {} : { key }),
				query: { ...query, ...next },
			});
			if (status !== 200) return;
			yield xml;
			if (xml.IsTruncated !== 'true') return;
			next = Object.fromEntries(Object.entries(markers).map(([from, to]) => [to, String(xml[from])]));
		}
	}

	async function list(keyPrefix: string): Promise<ListedUpload[]> {
		const found: ListedUpload[] = [];
		const query = { uploads: '', prefix: `${prefix}${keyPrefix}` };
		const markers = { NextKeyMarker: 'key-marker', NextUploadIdMarker: 'upload-id-marker' };
		for await (const { Upload = [] } of pages(undefined, query, markers)) {
			for (const { Key = '', UploadId = '', Initiated = '' } of Upload as Record<string, string>[])
				found.push({ key: Key.slice(prefix.length), id: UploadId, at: Date.parse(Initiated) });
		}
		return found;
	}

	/** Of two that were begun at once everybody takes the same; the other is given up as abandoned. */
	async function find(key: string): Promise<string | null> {
		const ids = (await list(key)).filter((upload) => upload.key === key).map(({ id }) => id);
		return ids.sort()[0] ?? null;
	}

	async function begin(key: string, headers: Readonly<Record<string, string>> = {}): Promise<string> {
		const { xml } = await send({ method: 'POST', key, query: { uploads: '' }, headers });
		return String(xml.UploadId);
	}

	return {
		list,
		find,
		begin,
		join: async (key) => {
			const there = await find(key);
			if (there !== null) return there;
			const own = await begin(key, { 'x-amz-checksum-algorithm': 'SHA256' });
			return (await find(key)) ?? own;
		},
		parts: async (key, uploadId) => {
			const found: ListedPart[] = [];
			for await (const { Part = [] } of pages(key, { uploadId }, { NextPartNumberMarker: 'part-number-marker' })) {
				for (const part of Part as Record<string, string>[])
					found.push({
						number: Number(part.PartNumber),
						etag: part.ETag ?? '',
						bytes: Number(part.Size),
						sha256: part.ChecksumSHA256 ?? null,
						at: Date.parse(part.LastModified ?? ''),
					});
			}
			return found;
		},
		complete: async (key, uploadId, parts) => {
			const one = ({ number, etag, sha256 }: ListedPart) =>
				`<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${sha256 === null ? '' : `<ChecksumSHA256>${sha256}</ChecksumSHA256>`}</Part>`;
			const body = `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts.map(one).join('')}</CompleteMultipartUpload>`;
			const headers = { 'content-type': 'application/xml' };
			const query = { uploadId };
			const { status } = await send({ method: 'POST', key, query, headers, body, timeoutMs: 10 * 60_000 });
			return status < 300;
		},
		abort: async (key, uploadId) => void (await send({ method: 'DELETE', key, query: { uploadId } })),
	};
}

/** Numbers of the parts that the store does not have. Without checksums a part counts by its size, and the whole decides. */
export function missingNumbers({ bytes, partDigests }: UploadFile, listed: readonly ListedPart[]): number[] {
	const there = new Map(listed.map((part) => [part.number, part]));
	return Array.from({ length: countParts(bytes) }, (_, index) => index + 1).filter((number) => {
		const part = there.get(number);
		if (part?.bytes !== partRange(bytes, number).bytes) return true;
		const wanted = partDigests?.[number - 1];
		return part.sha256 !== null && wanted !== undefined && part.sha256 !== base64(wanted);
	});
}
