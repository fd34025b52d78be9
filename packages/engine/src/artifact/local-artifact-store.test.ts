import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ArtifactFile, DirectArtifactStore, UploadRequest } from './artifact-store.js';
import { openLocalArtifactStore } from './local-artifact-store.js';

const start = new Date('2026-11-23T12:00:00Z');
let directory: string;
let now: Date;
let store: DirectArtifactStore;

beforeEach(async () => {
	directory = await mkdtemp(path.join(tmpdir(), 'graft-artifacts-'));
	now = start;
	store = await openLocalArtifactStore({ directory, now: () => now });
});
afterEach(() => rm(directory, { recursive: true }));

const fileOf = (bytes: Buffer): ArtifactFile => ({
	digest: createHash('sha256').update(bytes).digest('hex'),
	bytes: bytes.length,
});
async function* inPieces(bytes: Buffer, size = 1000, failure?: Error): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
	if (failure) throw failure;
}
/** Every file under the store except the key of its tickets. */
async function filesLeft(): Promise<string[]> {
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	return entries.filter((entry) => entry.isFile() && entry.name !== 'upload-ticket.key').map((entry) => entry.name);
}

describe('put and open', () => {
	it('gives back the bytes, and keeps two files of one content once', async () => {
		const bytes = randomBytes(123_457);
		const file = fileOf(bytes);
		expect(await store.has(file.digest)).toBe(false);
		await Promise.all([store.put(file, inPieces(bytes)), store.put(file, inPieces(bytes, 7777))]);
		expect(await store.size(file.digest)).toBe(bytes.length);
		const opened = await store.open(file.digest);
		expect(opened && (await buffer(opened.stream)).equals(bytes)).toBe(true);
		expect(await filesLeft()).toEqual([file.digest.slice(2)]);
	});

	it('keeps an empty file', async () => {
		const file = fileOf(Buffer.alloc(0));
		// sha256 of nothing, as every other tool prints it.
		expect(file.digest).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
		await store.put(file, inPieces(Buffer.alloc(0)));
		expect(await store.size(file.digest)).toBe(0);
	});

	it('knows nothing by a name that is no digest', async () => {
		expect(await store.open('../upload-ticket.key')).toBeNull();
		expect(await store.has('upload-ticket.key')).toBe(false);
		await expect(store.put({ digest: '../x', bytes: 0 }, inPieces(Buffer.alloc(0)))).rejects.toThrow(/no sha256/);
	});
});

describe('an upload that is not what was announced leaves nothing behind', () => {
	const bytes = randomBytes(5000);
	const file = fileOf(bytes);
	const swapped = Buffer.from(bytes);
	swapped[4321] = (swapped[4321] ?? 0) ^ 1;
	const noSpace = Object.assign(new Error('write'), { code: 'ENOSPC' });

	it.each([
		['one bit differs', inPieces(swapped), 'DATA', /their sha256 is/],
		['too short', inPieces(bytes.subarray(0, 4999)), 'DATA', /4999 of the announced 5000/],
		['too long', inPieces(Buffer.concat([bytes, bytes])), 'DATA', /more than the announced 5000/],
		['disk full', inPieces(bytes, 1000, noSpace), 'UNAVAILABLE', /disk is full/],
	])('%s', async (_, source, code, message) => {
		await expect(store.put(file, source)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
		expect(await store.has(file.digest)).toBe(false);
		expect(await filesLeft()).toEqual([]);
	});

	it('a client that goes away', async () => {
		await expect(store.put(file, inPieces(bytes, 1000, new Error('aborted')))).rejects.toThrow('aborted');
		expect(await filesLeft()).toEqual([]);
	});
});

describe('upload tickets', () => {
	const file = fileOf(randomBytes(10));
	function request(uploadPath: string): UploadRequest {
		const url = new URL(uploadPath, 'http://graft.test');
		const query = (name: string): string => url.searchParams.get(name) ?? '';
		const digest = url.pathname.slice('/artifacts/'.length);
		return { digest, bytes: query('bytes'), expires: query('expires'), signature: query('signature') };
	}

	it('admit the file that they name, also in another process on the same directory', async () => {
		const other = await openLocalArtifactStore({ directory, now: () => now });
		expect(other.admit(request(store.uploadPath(file)))).toEqual(file);
	});

	it('are refused when altered or too old', async () => {
		const ticket = request(store.uploadPath(file));
		expect(store.admit({ ...ticket, bytes: '11' })).toBeNull();
		expect(store.admit({ ...ticket, digest: '0'.repeat(64) })).toBeNull();
		expect(store.admit({ ...ticket, expires: String(Number(ticket.expires) + 1) })).toBeNull();
		expect(store.admit({ ...ticket, signature: '' })).toBeNull();
		now = new Date(start.getTime() + 599_000);
		expect(store.admit(ticket)).toEqual(file);
		now = new Date(start.getTime() + 601_000);
		expect(store.admit(ticket)).toBeNull();
	});

	it('are signed with a key that only the owner may read, and that another store does not share', async () => {
		const key = path.join(directory, 'upload-ticket.key');
		expect((await stat(key)).mode & 0o777).toBe(0o600);
		expect((await readFile(key)).length).toBe(32);
		const elsewhere = await mkdtemp(path.join(tmpdir(), 'graft-artifacts-'));
		const stranger = await openLocalArtifactStore({ directory: elsewhere, now: () => now });
		expect(store.admit(request(stranger.uploadPath(file)))).toBeNull();
		await rm(elsewhere, { recursive: true });
	});

	it('come with one key when several processes make the store at once', async () => {
		const shared = await mkdtemp(path.join(tmpdir(), 'graft-artifacts-'));
		const stores = await Promise.all(
			Array.from({ length: 8 }, () => openLocalArtifactStore({ directory: shared, now: () => now })),
		);
		const ticket = request(stores[0]?.uploadPath(file) ?? '');
		expect(stores.map((each) => each.admit(ticket))).toEqual(stores.map(() => file));
		await rm(shared, { recursive: true });
	});
});

it('removes what a killed process left behind long ago, and nothing younger', async () => {
	const incoming = path.join(directory, 'incoming');
	await writeFile(path.join(incoming, 'old'), 'x');
	await writeFile(path.join(incoming, 'young'), 'x');
	const twoHoursAgo = new Date(Date.now() - 2 * 3600 * 1000);
	await utimes(path.join(incoming, 'old'), twoHoursAgo, twoHoursAgo);
	const store = await openLocalArtifactStore({ directory });
	expect(await store.removeAbandonedUploads(3600)).toBe(1);
	expect(await filesLeft()).toEqual(['young']);
});

it('lists what it holds, but not what came just now', async () => {
	const store = await openLocalArtifactStore({ directory });
	const digests = ['one', 'two'].map((text) => createHash('sha256').update(text).digest('hex'));
	for (const [index, text] of ['one', 'two'].entries()) {
		await store.put(
			{ digest: digests[index] ?? '', bytes: 3 },
			(async function* () {
				yield Buffer.from(text);
			})(),
		);
	}
	const long = new Date(Date.now() - 2 * 3600 * 1000);
	const [first = ''] = digests;
	await utimes(path.join(directory, first.slice(0, 2), first.slice(2)), long, long);
	const listed: string[] = [];
	for await (const digest of store.storedLongerThan(3600)) listed.push(digest);
	expect(listed).toEqual([first]);
});
