import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import S3rver from '@20minutes/s3rver';
import { AwsClient } from 'aws4fetch';
import { partListing } from './part-listing.js';

/** A bucket of a real server that speaks S3, with a way to look into it from outside. */
export interface TestBucket {
	readonly endpoint: string;
	readonly bucket: string;
	readonly region: string;
	readonly account: {
		readonly accessKeyId: string;
		readonly secretAccessKey: string;
		readonly sessionToken: undefined;
	};
	/** Keys of all objects, and of the uploads that are under way. */
	left(): Promise<string[]>;
	clear(): Promise<void>;
	close(): Promise<void>;
}

/**
 * The server that `GRAFT_TEST_S3` names (`http://key:secret@host:port/bucket`, whose bucket is emptied), else s3rver, which
 * came with npm and checks signatures.
 */
export async function startTestBucket(env = process.env): Promise<TestBucket> {
	if (env.GRAFT_TEST_S3 === undefined) return startS3rver();
	const { origin, pathname, username, password } = new URL(env.GRAFT_TEST_S3);
	return openBucket(origin, pathname.slice(1), username, password, async () => undefined);
}

async function startS3rver(): Promise<TestBucket> {
	const directory = await mkdtemp(path.join(tmpdir(), 'graft-s3-'));
	const bucket = 'graft';
	const options = { address: '127.0.0.1', port: 0, silent: true, directory, vhostBuckets: false };
	const server = new S3rver({ ...options, configureBuckets: [{ name: bucket }] });
	server.middleware.unshift(partListing(server, bucket));
	const { port } = await server.run();
	return openBucket(`http://127.0.0.1:${port}`, bucket, 'S3RVER', 'S3RVER', async () => {
		await server.close();
		await rm(directory, { recursive: true, force: true });
	});
}

async function openBucket(
	endpoint: string,
	bucket: string,
	accessKeyId: string,
	secretAccessKey: string,
	close: () => Promise<void>,
): Promise<TestBucket> {
	const aws = new AwsClient({ accessKeyId, secretAccessKey, service: 's3', region: 'us-east-1' });
	const root = `${endpoint}/${bucket}`;
	const elements = (text: string, name: string) =>
		[...text.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, 'g'))].map(([, value = '']) => value);
	const objects = async () => elements(await (await aws.fetch(`${root}?list-type=2`)).text(), 'Key');
	const uploads = async () => {
		const text = await (await aws.fetch(`${root}?uploads=`)).text();
		const ids = elements(text, 'UploadId');
		// The list itself has markers of the same name.
		return elements(text, 'Key').map((key, index) => ({ key, id: ids[index] ?? '' }));
	};
	return {
		endpoint,
		bucket,
		region: 'us-east-1',
		account: { accessKeyId, secretAccessKey, sessionToken: undefined },
		left: async () => [...(await objects()), ...(await uploads()).map(({ key }) => `${key} (under way)`)],
		clear: async () => {
			for (const key of await objects()) await aws.fetch(`${root}/${key}`, { method: 'DELETE' });
			for (const { key, id } of await uploads())
				await aws.fetch(`${root}/${key}?uploadId=${encodeURIComponent(id)}`, { method: 'DELETE' });
		},
		close,
	};
}
