import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { createGraftClient } from '../node/index.js';
import { type LocalServer, localServer } from '../testing/local-server.js';
import { downloadArtifact, uploadArtifact, uploadFile, uploadStoredFile } from './transfer.js';

const lease = { runId: 'run-1', token: 'secret' };
const bytes = new TextEncoder().encode('weights');
const digest = createHash('sha256').update(bytes).digest('hex');
let server: LocalServer | undefined;
afterEach(() => server?.close());

/** An artifact store over HTTP, as the API is one. `corrupt` spoils what it gives out. */
async function artifactStore({ has = [] as string[], corrupt = false, putStatus = 204 } = {}) {
	const files = new Map<string, Buffer>(has.map((key) => [key, Buffer.from(bytes)]));
	const asked: string[] = [];
	server = await localServer({
		http: (request, body, response) => {
			asked.push(`${request.method} ${request.url}`);
			const key = request.url?.split('/').at(-1) ?? '';
			if (request.method === 'PUT') {
				if (putStatus < 300) files.set(key, body);
				response.writeHead(putStatus).end(putStatus < 300 ? undefined : 'The disk is full.');
			} else if (request.method === 'GET') {
				const file = files.get(key);
				response.writeHead(file ? 200 : 404).end(corrupt ? 'spoiled' : file);
			} else {
				const { variables, query } = JSON.parse(String(body));
				const { digest: wanted } = variables.input;
				const begun = { __typename: 'ArtifactBegun', uploadUrl: files.has(wanted) ? null : `/artifacts/${wanted}` };
				const committed = { __typename: 'ArtifactCommitted', artifact: { id: '1', digest: wanted } };
				const beginUpload = { ...begun, __typename: 'UploadBegun' };
				const data = query.includes('beginUpload')
					? { beginUpload }
					: query.includes('beginArtifact')
						? { beginArtifact: begun }
						: { commitArtifact: committed };
				response.end(JSON.stringify({ data }));
			}
		},
	});
	return { client: createGraftClient({ url: server.url }), files, asked };
}
const file = { name: 'final', kind: 'checkpoint', bytes, step: 12 };

describe('uploadArtifact', () => {
	it('announces, sends the bytes and commits', async () => {
		const { client, files, asked } = await artifactStore();
		expect(await uploadArtifact(client, lease, file)).toEqual({ digest });
		expect(files.get(digest)?.toString()).toBe('weights');
		expect(asked).toEqual(['POST /graphql', `PUT /artifacts/${digest}`, 'POST /graphql']);
	});

	it('sends no bytes that the store has', async () => {
		const { client, asked } = await artifactStore({ has: [digest] });
		await uploadArtifact(client, lease, file);
		expect(asked).toEqual(['POST /graphql', 'POST /graphql']);
	});

	it.each([
		[507, 'UNAVAILABLE'],
		[413, 'DATA'],
	])('tells a failure that may pass (%i: %s) from one that will not', async (putStatus, code) => {
		const { client } = await artifactStore({ putStatus });
		await expect(uploadArtifact(client, lease, file)).rejects.toMatchObject({
			code,
			message: expect.stringContaining('The disk is full.'),
		});
	});
});

describe('uploadFile', () => {
	it('sends bytes once, and answers their digest', async () => {
		const { client, files, asked } = await artifactStore();
		expect([await uploadFile(client, bytes), await uploadFile(client, bytes)]).toEqual([digest, digest]);
		expect(files.get(digest)?.toString()).toBe('weights');
		expect(asked).toEqual(['POST /graphql', `PUT /artifacts/${digest}`, 'POST /graphql']);
	});
});

describe('uploadStoredFile', () => {
	const read = async function* () {
		yield bytes.subarray(0, 3);
		yield bytes.subarray(3);
	};

	it('sends a file piece by piece, and none that the store has', async () => {
		const { client, files, asked } = await artifactStore();
		await uploadStoredFile(client, { digest, bytes: bytes.length, read });
		expect(files.get(digest)?.toString()).toBe('weights');
		await uploadStoredFile(client, { digest, bytes: bytes.length, read });
		expect(asked).toEqual(['POST /graphql', `PUT /artifacts/${digest}`, 'POST /graphql']);
	});

	it('says what the store said', async () => {
		const { client } = await artifactStore({ putStatus: 507 });
		const sent = uploadStoredFile(client, { digest, bytes: bytes.length, read });
		await expect(sent).rejects.toMatchObject({
			code: 'UNAVAILABLE',
			message: expect.stringMatching('The disk is full'),
		});
	});
});

describe('downloadArtifact', () => {
	it('gives the bytes of the digest', async () => {
		const { client } = await artifactStore({ has: [digest] });
		expect(await downloadArtifact(client, digest)).toEqual(bytes);
	});

	it('refuses bytes that do not match their digest, and names one that is not there', async () => {
		const spoiled = await artifactStore({ has: [digest], corrupt: true });
		await expect(downloadArtifact(spoiled.client, digest)).rejects.toMatchObject({
			code: 'DATA',
			message: expect.stringContaining('do not match'),
		});
		await server?.close();
		const empty = await artifactStore();
		await expect(downloadArtifact(empty.client, digest)).rejects.toMatchObject({ code: 'DATA' });
	});
});
