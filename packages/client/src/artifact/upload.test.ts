import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { partRange, UPLOAD_PART_BYTES } from '@graft/domain/artifact';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { createGraftClient } from '../node/index.js';
import { type LocalServer, localServer } from '../testing/local-server.js';
import { downloadArtifact } from './download.js';
import { uploadArtifact, uploadFile, uploadStoredFile } from './upload.js';

const lease = { runId: 'run-1', token: 'secret' };
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const bytes = new TextEncoder().encode('weights');
const digest = sha256(bytes);
const folder = mkdtempSync(path.join(tmpdir(), 'graft-upload-'));
let server: LocalServer | undefined;
afterEach(() => server?.close());
afterAll(() => rmSync(folder, { recursive: true }));

interface Announced {
	readonly digest: string;
	readonly bytes: number;
	readonly partDigests: readonly string[] | null;
}

/** An artifact store over HTTP, as the API is one. `corrupt` spoils what it gives out, `refuse` answers a PUT with a failure,
 * and with `onFinish` nothing answers the end of an upload. */
async function artifactStore({
	has = [] as string[],
	corrupt = false,
	refuse = (_part: number): { status: number; text: string } | null => null,
	finish = { __typename: 'UploadFinished' } as object,
	onFinish = null as (() => void) | null,
	forgets = false,
} = {}) {
	const files = new Map<string, Buffer>(has.map((key) => [key, Buffer.from(bytes)]));
	const parts = new Map<string, Buffer>();
	const asked: string[] = [];
	const begin = ({ digest, bytes: length, partDigests }: Announced) => {
		if (files.has(digest)) return null;
		const digests = partDigests ?? [digest];
		return digests
			.map((sha, index) => ({
				sha,
				...partRange(length, index + 1),
				bytes: partDigests ? partRange(length, index + 1).bytes : length,
			}))
			.filter(({ sha, number }) => forgets || partDigests === null || !parts.has(`${number}.${sha}`))
			.slice(0, 2)
			.map(({ sha, ...part }) => ({
				...part,
				url: `/artifacts/${digest}/${part.number}?signature=secret`,
				headers: [{ name: 'x-sha256', value: sha }],
			}));
	};
	server = await localServer({
		http: (request, body, response) => {
			const [, , key = '', part = ''] = (request.url ?? '').split(/[/?]/);
			if (request.method === 'PUT') {
				asked.push(`PUT ${part}`);
				const refused = refuse(Number(part));
				if (refused === null) parts.set(`${part}.${request.headers['x-sha256']}`, body);
				response.writeHead(refused?.status ?? 204).end(refused?.text);
			} else if (request.method === 'GET') {
				const file = files.get(key);
				response.writeHead(file ? 200 : 404).end(corrupt ? 'spoiled' : file);
			} else {
				const { variables, query } = JSON.parse(String(body));
				const name = /mutation (\w+)/.exec(query)?.[1] ?? '';
				asked.push(name);
				const input = variables.input as Announced;
				if (name === 'FinishUpload') {
					const all = [...parts].sort(([one], [other]) => Number.parseInt(one, 10) - Number.parseInt(other, 10));
					files.set(input.digest, Buffer.concat(all.map(([, part]) => part)));
				}
				if (name === 'FinishUpload' && onFinish !== null) return onFinish();
				const answers: Record<string, object> = {
					BeginArtifact: { beginArtifact: { __typename: 'ArtifactBegun', parts: begin(input) } },
					BeginUpload: { beginUpload: { __typename: 'UploadBegun', parts: begin(input) } },
					FinishUpload: { finishUpload: finish },
					CommitArtifact: {
						commitArtifact: { __typename: 'ArtifactCommitted', artifact: { id: '1', digest: input.digest } },
					},
				};
				response.end(JSON.stringify({ data: answers[name] }));
			}
		},
	});
	return { client: createGraftClient({ url: server.url }), files, parts, asked };
}
const file = { name: 'final', kind: 'checkpoint', bytes, step: 12 };

describe('a small file', () => {
	it('is announced, sent, checked and committed', async () => {
		const { client, files, asked } = await artifactStore();
		expect(await uploadArtifact(client, lease, file)).toEqual({ digest });
		expect(files.get(digest)?.toString()).toBe('weights');
		expect(asked).toEqual(['BeginArtifact', 'PUT 1', 'FinishUpload', 'CommitArtifact']);
	});

	it('is not sent where the store has it', async () => {
		const { client, asked } = await artifactStore({ has: [digest] });
		await uploadArtifact(client, lease, file);
		expect(await uploadFile(client, bytes)).toBe(digest);
		expect(asked).toEqual(['BeginArtifact', 'CommitArtifact', 'BeginUpload']);
	});

	it.each([
		[507, 'UNAVAILABLE', 'The disk is full.', 'The disk is full.'],
		[413, 'DATA', 'Too much.', 'Too much.'],
		[403, 'UNAVAILABLE', '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>', 'expired'],
		[404, 'UNAVAILABLE', '<Error><Code>NoSuchUpload</Code><Message>Gone</Message></Error>', 'NoSuchUpload'],
		[
			400,
			'DATA',
			'<Error><Code>BadDigest</Code><Message>Not those bytes</Message><StringToSign>secret</StringToSign></Error>',
			'BadDigest, Not those bytes',
		],
	])('that is refused (%i) is %s: %s', async (status, code, text, told) => {
		const { client } = await artifactStore({ refuse: () => ({ status, text }) });
		const failure = await uploadArtifact(client, lease, file).catch((error: unknown) => error);
		expect(failure).toMatchObject({ code, message: expect.stringContaining(told) });
		// Whoever has the address may write: neither it nor what it was signed with belongs in a message or its details.
		expect(JSON.stringify([failure, (failure as Error).message])).not.toMatch(/secret/);
	});

	it.each([
		['NOT_UPLOADED', 'UNAVAILABLE'],
		['WRONG_BYTES', 'DATA'],
	])('of which the store says %s is %s', async (code, expected) => {
		const finish = { __typename: 'InvalidInput', code, message: 'So it is.' };
		const { client } = await artifactStore({ finish });
		await expect(uploadFile(client, bytes)).rejects.toMatchObject({ code: expected });
	});
});

describe('an upload whose end nobody answers, as over a connection that has fallen silent,', () => {
	afterEach(() => void vi.useRealTimers());

	it.each([
		[bytes, 30_000],
		[randomBytes(16e6), 32_000],
	])('is given up after half a minute and as long as a store may take to read it', async (content, afterMs) => {
		let tell: () => void = () => undefined;
		const asked = new Promise<void>((resolve) => {
			tell = resolve;
		});
		const { client } = await artifactStore({ onFinish: tell });
		vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
		let failure: unknown = null;
		const upload = uploadFile(client, content).catch((error: unknown) => {
			failure = error;
		});
		await asked;
		await vi.advanceTimersByTimeAsync(afterMs - 1_000);
		expect(failure).toBeNull();
		await vi.advanceTimersByTimeAsync(1_000);
		await upload;
		expect(failure).toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('no answer within') });
	});
});

describe('a large file', () => {
	const large = randomBytes(3 * UPLOAD_PART_BYTES + 1234);
	const source = path.join(folder, 'large');
	writeFileSync(source, large);

	it('goes in parts, and after a cut only the missing ones are sent', async () => {
		let cut = true;
		const { client, files, parts, asked } = await artifactStore({
			refuse: (part) => (cut && part === 2 ? { status: 503, text: 'busy' } : null),
		});
		await expect(uploadFile(client, large)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
		expect([...parts.keys()].map((name) => name.split('.')[0])).toEqual(['1']);
		cut = false;
		asked.length = 0;
		const told: number[] = [];
		const named = { file: source, digest: sha256(large), onSent: (sent: number) => told.push(sent) };
		expect(await uploadStoredFile(client, named)).toBe(sha256(large));
		expect(asked.filter((what) => what.startsWith('PUT')).sort()).toEqual(['PUT 2', 'PUT 3', 'PUT 4']);
		expect(files.get(sha256(large))?.equals(large)).toBe(true);
		expect(told.at(-1)).toBe(large.length);
	});

	it('is given up where the store keeps no parts, and where the file is not what it was', async () => {
		const { client } = await artifactStore({ forgets: true });
		await expect(uploadFile(client, large)).rejects.toThrow(/has not kept part/);
		const named = { file: source, digest: sha256(bytes) };
		await expect(uploadStoredFile(client, named)).rejects.toMatchObject({ code: 'DATA' });
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
