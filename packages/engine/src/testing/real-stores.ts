import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServedArtifactStore } from '../artifact/artifact-store.js';
import { openLocalArtifactStore } from '../artifact/local-artifact-store.js';
import { openS3ArtifactStore, type S3ArtifactStoreOptions } from '../artifact/s3/s3-artifact-store.js';

/** A store of one kind, empty, and what lies in it as seen from outside. */
export interface RealStore {
	readonly store: ServedArtifactStore;
	left(): Promise<string[]>;
	close(): Promise<void>;
}

async function onDisk(now: () => Date): Promise<RealStore> {
	const directory = await mkdtemp(path.join(tmpdir(), 'graft-store-'));
	return {
		store: await openLocalArtifactStore({ directory, now }),
		left: async () => {
			const entries = await readdir(directory, { recursive: true, withFileTypes: true });
			return entries.filter((entry) => entry.isFile() && entry.name !== 'upload-ticket.key').map(({ name }) => name);
		},
		close: () => rm(directory, { recursive: true, force: true }),
	};
}

type Bucket = Pick<S3ArtifactStoreOptions, 'bucket' | 'region' | 'endpoint' | 'account'> & {
	left(): Promise<string[]>;
	clear(): Promise<void>;
	close(): Promise<void>;
};

async function inBucket(bucket: Bucket, now: () => Date): Promise<RealStore> {
	await bucket.clear();
	const store = openS3ArtifactStore({ ...bucket, prefix: '', pathStyle: true, now });
	return { store, left: () => bucket.left(), close: () => bucket.close() };
}

/** A store of each kind; `startBucket` brings the bucket. */
export const realStores = (startBucket: () => Promise<Bucket>) =>
	[
		['the local disk', onDisk],
		['S3', async (now: () => Date) => inBucket(await startBucket(), now)],
	] as const;
