import { GraftError } from '@graft/domain/error';
import { newId } from '@graft/runtime/id';
import type { ArtifactFile } from '../../contract/artifact-store.js';
import { checkedBytes, wrongBytes } from '../checked-bytes.js';
import { CHECKSUM, type ListedPart, type S3Multipart } from './s3-multipart.js';
import type { S3Bucket, S3Requests } from './s3-request.js';

/** S3 copies so much in one request; more goes in parts, and then it has no checksum of the whole. */
export const COPY_LIMIT_BYTES = 5 * 2 ** 30;
const COPY_PART_BYTES = 2 ** 30;
const COPY_TIMEOUT_MS = 15 * 60_000;
/** Files that are read for their sha256 at a time: bounds what a store without checksums costs this process. */
const READ_AT_ONCE = 2;

export interface S3Check {
	/** Length and, where the store tells it, sha256 (hexadecimal) of an object's bytes; null: there is none. */
	describe(key: string): Promise<{ readonly bytes: number; readonly sha256: string | null } | null>;
	/**
	 * Copies within the store what is at `from` to `to` if its sha256 is the file's. False: there is nothing at `from`.
	 * @throws GraftError DATA where the bytes are others; they are gone then.
	 */
	moveChecked(from: string, to: string, file: ArtifactFile): Promise<boolean>;
	remove(key: string): Promise<void>;
}

/** What a copy that is being checked is called; it is nobody's but this call's. */
export const CHECKING = 'checking/';

export function s3Check(
	{ send, stream }: S3Requests,
	multipart: S3Multipart,
	place: Pick<S3Bucket, 'bucket' | 'prefix'>,
	copyLimit = COPY_LIMIT_BYTES,
): S3Check {
	let reading = 0;
	const queue: (() => void)[] = [];
	const sourceOf = (key: string) =>
		`/${place.bucket}/${`${place.prefix}${key}`.split('/').map(encodeURIComponent).join('/')}`;

	async function describe(key: string) {
		const headers = { 'x-amz-checksum-mode': 'ENABLED' };
		const { status, headers: told } = await send({ method: 'HEAD', key, headers });
		if (status === 404) return null;
		const checksum = told.get('x-amz-checksum-type') === 'FULL_OBJECT' ? told.get(CHECKSUM) : null;
		const sha256 = checksum === null ? null : Buffer.from(checksum, 'base64').toString('hex');
		return { bytes: Number(told.get('content-length')), sha256 };
	}

	/** Within the store; answers the sha256 that the store worked out of the whole copy. False: there is no source. */
	async function copy(from: string, to: string, bytes: number): Promise<string | null | false> {
		if (bytes > copyLimit) return copyInParts(from, to, bytes);
		const headers = { 'x-amz-copy-source': sourceOf(from), 'x-amz-checksum-algorithm': 'SHA256' };
		const { status, xml } = await send({ method: 'PUT', key: to, headers, timeoutMs: COPY_TIMEOUT_MS });
		if (status >= 300) return false;
		const told = xml.ChecksumType === 'FULL_OBJECT' ? xml.ChecksumSHA256 : undefined;
		return typeof told === 'string' ? Buffer.from(told, 'base64').toString('hex') : null;
	}

	async function copyInParts(from: string, to: string, bytes: number): Promise<null | false> {
		const id = await multipart.begin(to);
		try {
			const parts: ListedPart[] = [];
			const size = Math.min(COPY_PART_BYTES, copyLimit);
			for (let at = 0; at < bytes; at += size) {
				const number = parts.length + 1;
				const end = Math.min(at + size, bytes) - 1;
				const headers = { 'x-amz-copy-source': sourceOf(from), 'x-amz-copy-source-range': `bytes=${at}-${end}` };
				const query = { partNumber: String(number), uploadId: id };
				const { status, xml } = await send({ method: 'PUT', key: to, query, headers, timeoutMs: COPY_TIMEOUT_MS });
				if (status >= 300) {
					await multipart.abort(to, id);
					return false;
				}
				parts.push({ number, etag: String(xml.ETag), bytes: end + 1 - at, sha256: null, at: 0 });
			}
			await multipart.complete(to, id, parts);
			return null;
		} catch (error) {
			await multipart.abort(to, id).catch(() => undefined);
			throw error;
		}
	}

	/** Reads an object once, a chunk in memory at a time. @throws GraftError DATA where it is not the file. */
	async function read(key: string, { digest, bytes }: ArtifactFile): Promise<void> {
		while (reading >= READ_AT_ONCE) await new Promise<void>((resolve) => queue.push(resolve));
		reading += 1;
		try {
			const body = (await stream(key))?.body;
			if (!body) throw new GraftError('UNAVAILABLE', 'The artifact store has lost a copy while it was checked.');
			for await (const _ of checkedBytes({ name: `artifact ${digest}`, bytes, sha256: digest }, body));
		} finally {
			reading -= 1;
			queue.shift()?.();
		}
	}

	const remove = async (key: string) => void (await send({ method: 'DELETE', key }));

	return {
		describe,
		remove,
		moveChecked: async (from, to, file) => {
			const found = await describe(from);
			if (found === null) return false;
			const wrong = (what: string) => wrongBytes({ name: `artifact ${file.digest}` }, what);
			try {
				if (found.bytes !== file.bytes) throw wrong(`${found.bytes} of ${file.bytes} bytes came`);
				if (found.sha256 !== null && found.sha256 !== file.digest) throw wrong(`their sha256 is ${found.sha256}`);
				if (found.sha256 === file.digest) return (await copy(from, to, file.bytes)) !== false;
				// The copy is looked at instead of the original, which somebody who has its address could still change.
				const aside = `${CHECKING}${file.digest}.${newId()}`;
				try {
					const sha256 = await copy(from, aside, file.bytes);
					if (sha256 === false) return false;
					if (sha256 === null) await read(aside, file);
					else if (sha256 !== file.digest) throw wrong(`their sha256 is ${sha256}`);
					await copy(aside, to, file.bytes);
				} finally {
					await remove(aside);
				}
				return true;
			} catch (error) {
				if (error instanceof GraftError && error.code === 'DATA') await remove(from);
				throw error;
			}
		},
	};
}
