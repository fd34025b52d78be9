import { randomBytes } from 'node:crypto';
import { type AddressInfo, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { startTestBucket, type TestBucket } from '@graft/testing/s3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { announce, inPieces, testArtifactStore } from '../../testing/store-suite.js';
import { openS3ArtifactStore, type S3ArtifactStoreOptions } from './s3-artifact-store.js';
import { probeS3Store } from './s3-probe.js';

let bucket: TestBucket;
beforeAll(async () => {
	bucket = await startTestBucket();
	await bucket.clear();
});
afterEach(() => bucket.clear());
afterAll(() => bucket.close());

const open = (over: Partial<S3ArtifactStoreOptions> = {}) =>
	openS3ArtifactStore({ ...bucket, prefix: 'graft/', pathStyle: true, ...over });
const put = async (url: string, body: Uint8Array, headers: Readonly<Record<string, string>>) =>
	(await fetch(url, { method: 'PUT', body: new Uint8Array(body), headers })).status;

testArtifactStore('S3', async () => ({
	open: async (now) => open({ now }),
	send: async (_, { url, headers }, body) => (await put(url, body, headers)) === 200,
	left: () => bucket.left(),
	clear: async () => undefined,
	close: async () => undefined,
}));

describe('an S3 store', () => {
	const bytes = randomBytes(40_000);
	const file = announce(bytes);

	it('copies what is too much for one request in parts', async () => {
		const store = open({ copyLimitBytes: 6 * 2 ** 20 });
		const large = randomBytes(14 * 2 ** 20);
		const announced = announce(large);
		for (const part of await store.beginUpload(announced))
			expect(await put(part.url, large.subarray(part.offset, part.offset + part.bytes), part.headers)).toBe(200);
		expect(await store.finishUpload(announced)).toBe(true);
		const opened = await store.open(announced.digest);
		expect(opened && (await buffer(opened.stream)).equals(large)).toBe(true);
		expect(await bucket.left()).toEqual([`graft/artifacts/${announced.digest}`]);
	});

	it('gives addresses to read by, with a name for the file, that open nothing else', async () => {
		const store = open();
		await store.put(file, inPieces(bytes));
		// s3rver has its own idea of how * and ' are signed; versitygw and Amazon take them.
		const disposition = 'attachment; filename="a b+c.bin"';
		const url = await store.downloadUrl(file.digest, disposition, 'GET');
		const response = await fetch(url);
		expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
		expect(response.headers.get('content-disposition')).toBe(disposition);
		expect(response.headers.get('content-type')).toMatch(/^application\/octet-stream/);
		const head = await store.downloadUrl(file.digest, disposition, 'HEAD');
		expect((await fetch(head, { method: 'HEAD' })).headers.get('content-length')).toBe('40000');
		const other = announce(randomBytes(10));
		await store.put(other, inPieces(Buffer.alloc(0))).catch(() => undefined);
		expect((await fetch(url.replace(file.digest, other.digest))).status).toBe(403);
		expect((await fetch(url, { method: 'DELETE' })).status).toBe(403);
		expect(await put(url, bytes, {})).toBe(403);
	});

	it('takes no bytes by an address that was altered', async () => {
		const [part] = await open().beginUpload(file);
		const url = part?.url ?? '';
		expect(await put(url.replace(/Signature=.{8}/, 'Signature=00000000'), bytes, part?.headers ?? {})).toBe(403);
		expect(await put(url.replace(file.digest, 'a'.repeat(64)), bytes, part?.headers ?? {})).toBe(403);
		// The checksum is part of what was signed.
		expect(await put(url, bytes, { 'x-amz-checksum-sha256': Buffer.alloc(32).toString('base64') })).toBe(403);
		expect(await bucket.left()).toEqual([]);
	});

	it('says what is wrong with its configuration, and no secret of it', async () => {
		const account = { accessKeyId: bucket.account.accessKeyId, secretAccessKey: 'hidden-key', sessionToken: undefined };
		const nobody = await closedAddress();
		const failures = await Promise.all(
			[{ bucket: 'nowhere' }, { account }, { endpoint: `http://${nobody}` }].map((over) =>
				open(over)
					.check()
					.catch((error: unknown) => error),
			),
		);
		expect(failures).toMatchObject([
			{ code: 'CONFIGURATION', message: expect.stringMatching(/no bucket nowhere at http.*GRAFT_S3_BUCKET/) },
			{ code: 'CONFIGURATION', message: expect.stringMatching(/SignatureDoesNotMatch.*Check AWS_ACCESS_KEY_ID/s) },
			{ code: 'UNAVAILABLE', message: expect.stringMatching(/127\.0\.0\.1:\d+\) does not answer: .*ECONNREFUSED/) },
		]);
		expect(JSON.stringify(failures.map((one) => [one, String(one), (one as Error).stack]))).not.toMatch(
			/hidden-key|X-Amz-Signature|Signature=/,
		);
	});
});

/** An address of this machine where nobody listens. */
function closedAddress(): Promise<string> {
	const server = createServer();
	return new Promise((resolve) => {
		server.listen(0, '127.0.0.1', () => {
			const { port } = server.address() as AddressInfo;
			server.close(() => resolve(`127.0.0.1:${port}`));
		});
	});
}

it('finds out what the server does by itself, and leaves nothing there', async () => {
	const abilities = await probeS3Store({ ...bucket, prefix: 'graft/', pathStyle: true });
	expect(abilities).toMatchObject({ where: `bucket graft at ${bucket.endpoint}`, listsParts: true });
	expect(await bucket.left()).toEqual([]);
});
