import { Readable } from 'node:stream';
import { countParts, DIGEST, partRange } from '@graft/domain/artifact';
import { GraftError } from '@graft/domain/error';
import { type ArtifactFile, PARTS_AT_A_TIME } from '../../contract/artifact-store.js';
import type { RemoteArtifactStore } from '../artifact-store.js';
import { CHECKING, s3Check } from './s3-check.js';
import { base64, CHECKSUM, missingNumbers, s3Multipart } from './s3-multipart.js';
import { s3Put } from './s3-put.js';
import { type S3Bucket, s3Requests } from './s3-request.js';

export interface S3ArtifactStoreOptions extends S3Bucket {
	readonly now?: () => Date;
	/** For tests: what one copy request takes at the most. */
	readonly copyLimitBytes?: number;
}

/** One line of a gigabyte's parts at 300 kB/s; who is slower asks for new addresses. */
const ADDRESS_SECONDS = 3600;
const INCOMING = 'incoming/';
const ARTIFACTS = 'artifacts/';

/**
 * A store in a bucket: `artifacts/<sha256>` is a file that was checked, `incoming/<sha256>` one on its way, `checking/…` a
 * copy that is being checked. Clients send and fetch bytes by addresses that are signed here, and never through this process.
 */
export function openS3ArtifactStore(options: S3ArtifactStoreOptions): RemoteArtifactStore {
	const { prefix, now = () => new Date() } = options;
	const requests = s3Requests(options);
	const { send, sign, stream, where } = requests;
	const multipart = s3Multipart(requests, prefix);
	const check = s3Check(requests, multipart, options, options.copyLimitBytes);
	const put = s3Put(requests, multipart, ARTIFACTS);
	const before = (seconds: number) => now().getTime() - seconds * 1000;

	async function size(digest: string): Promise<number | null> {
		if (!DIGEST.test(digest)) return null;
		return (await check.describe(`${ARTIFACTS}${digest}`))?.bytes ?? null;
	}

	async function* objects(keyPrefix: string): AsyncGenerator<{ key: string; at: number }> {
		for (let last: string | null = null; ; ) {
			const after: Record<string, string> = last === null ? {} : { 'start-after': last };
			const query = { 'list-type': '2', prefix: `${prefix}${keyPrefix}`, ...after };
			const { xml } = await send({ method: 'GET', query });
			for (const { Key = '', LastModified = '' } of (xml.Contents ?? []) as Record<string, string>[]) {
				last = Key;
				yield { key: Key.slice(prefix.length), at: Date.parse(LastModified) };
			}
			if (xml.IsTruncated !== 'true') return;
		}
	}

	/** Makes the parts an object. False: some are missing, or there is neither an upload nor what became of it. */
	async function complete(key: string, file: ArtifactFile): Promise<boolean> {
		const id = await multipart.find(key);
		if (id === null) return true; // Completed already, or nothing was sent: the object tells.
		const parts = await multipart.parts(key, id);
		if (missingNumbers({ ...file, partDigests: null }, parts).length > 0) return false;
		return multipart.complete(key, id, parts);
	}

	async function finish(file: ArtifactFile): Promise<boolean> {
		const [key, to] = [`${INCOMING}${file.digest}`, `${ARTIFACTS}${file.digest}`];
		if ((await size(file.digest)) !== null) return true;
		if (!(await complete(key, file)) || !(await check.moveChecked(key, to, file)))
			// Another process may have been faster.
			return (await size(file.digest)) !== null;
		await check.remove(key);
		return true;
	}
	/** Who asks again while a large file is checked waits for the same answer. */
	const finishing = new Map<string, Promise<boolean>>();

	return {
		kind: 'remote',
		size,
		put,
		beginUpload: async (file) => {
			const { digest, bytes, partDigests } = file;
			const key = `${INCOMING}${digest}`;
			if (partDigests === null || countParts(bytes) === 1) {
				// The server compares what comes with this, and takes nothing else.
				const headers = { [CHECKSUM]: base64(digest) };
				return [{ number: 1, offset: 0, bytes, headers, url: await sign('PUT', { key, headers }, ADDRESS_SECONDS) }];
			}
			const id = await multipart.join(key);
			const missing = missingNumbers(file, await multipart.parts(key, id)).slice(0, PARTS_AT_A_TIME);
			return Promise.all(
				missing.map(async (number) => {
					const headers = { [CHECKSUM]: base64(partDigests[number - 1] ?? '') };
					const query = { partNumber: String(number), uploadId: id };
					const url = await sign('PUT', { key, query, headers }, ADDRESS_SECONDS);
					return { ...partRange(bytes, number), headers, url };
				}),
			);
		},
		finishUpload: ({ digest, bytes }) => {
			const work = finishing.get(digest) ?? finish({ digest, bytes }).finally(() => finishing.delete(digest));
			finishing.set(digest, work);
			return work;
		},
		open: async (digest) => {
			if (!DIGEST.test(digest)) return null;
			const response = await stream(`${ARTIFACTS}${digest}`);
			if (response?.body == null) return null;
			return { bytes: Number(response.headers.get('content-length')), stream: Readable.fromWeb(response.body) };
		},
		downloadUrl: (digest, disposition, method) =>
			sign(
				method,
				{
					key: `${ARTIFACTS}${digest}`,
					query: {
						'response-content-disposition': disposition,
						'response-content-type': 'application/octet-stream',
					},
				},
				ADDRESS_SECONDS,
			),
		remove: async (digest) => {
			if (DIGEST.test(digest)) await check.remove(`${ARTIFACTS}${digest}`);
		},
		storedLongerThan: async function* (seconds) {
			for await (const { key, at } of objects(ARTIFACTS)) {
				const digest = key.slice(ARTIFACTS.length);
				if (at < before(seconds) && DIGEST.test(digest)) yield digest;
			}
		},
		removeAbandonedUploads: async (seconds) => {
			let removed = 0;
			for (const folder of [INCOMING, CHECKING, ARTIFACTS]) {
				for (const { key, id, at } of await multipart.list(folder)) {
					if (at >= before(seconds)) continue;
					const parts = await multipart.parts(key, id);
					if (parts.some((part) => part.at >= before(seconds))) continue;
					await multipart.abort(key, id);
					removed += 1;
				}
			}
			for (const folder of [INCOMING, CHECKING]) {
				for await (const { key, at } of objects(folder)) {
					if (at >= before(seconds)) continue;
					await check.remove(key);
					removed += 1;
				}
			}
			return removed;
		},
		check: async () => {
			try {
				// A folder with next to nothing in it.
				const query = { 'list-type': '2', prefix: `${prefix}${CHECKING}` };
				const { status } = await send({ method: 'GET', query });
				if (status === 404)
					throw new GraftError('CONFIGURATION', `There is no ${where}: create it, or correct GRAFT_S3_BUCKET.`);
			} catch (error) {
				const { status } = (error as GraftError).details ?? {};
				if (status !== 403 && status !== 301 && status !== 400) throw error;
				const advice = 'Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and what this account may do.';
				throw new GraftError('CONFIGURATION', `${(error as Error).message} ${advice}`, {}, { cause: error });
			}
		},
	};
}
