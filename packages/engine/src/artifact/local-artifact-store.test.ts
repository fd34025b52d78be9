import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UPLOAD_PART_BYTES } from '@graft/domain/artifact';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { announce, inPieces, testArtifactStore } from '../testing/store-suite.js';
import type { DirectArtifactStore, UploadRequest } from './artifact-store.js';
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

/** What the API makes of an upload's address. */
function requestOf(address: string): UploadRequest {
	const url = new URL(address, 'http://graft.test');
	const query = (name: string): string => url.searchParams.get(name) ?? '';
	const [, , digest = '', , part = ''] = url.pathname.split('/');
	const [bytes, expires, signature, sha256] = [query('bytes'), query('expires'), query('signature'), query('sha256')];
	return { digest, part, bytes, expires, signature, sha256 };
}

/** Every file under the store except the key of its tickets. */
async function filesLeft(): Promise<string[]> {
	const entries = await readdir(directory, { recursive: true, withFileTypes: true });
	return entries.filter((entry) => entry.isFile() && entry.name !== 'upload-ticket.key').map((entry) => entry.name);
}

it('names a full disk, and keeps nothing of what did not fit', async () => {
	const bytes = randomBytes(5000);
	const noSpace = Object.assign(new Error('write'), { code: 'ENOSPC' });
	const put = store.put(announce(bytes), inPieces(bytes, 1000, noSpace));
	await expect(put).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringMatching(/disk is full/) });
	expect(await filesLeft()).toEqual([]);
});

it('takes a part only with the address that names it, and whose time has not run out', async () => {
	const large = randomBytes(UPLOAD_PART_BYTES + 10);
	const [first, second] = await store.beginUpload(announce(large));
	const admitted = store.admit(requestOf(second?.url ?? ''));
	expect(admitted?.part).toMatchObject({ number: 2, offset: UPLOAD_PART_BYTES, bytes: 10 });
	const swapped = { ...requestOf(first?.url ?? ''), part: '2' };
	expect(store.admit(swapped)).toBeNull();
	expect(store.admit({ ...requestOf(second?.url ?? ''), part: '', sha256: '' })).toBeNull();
	now = new Date(start.getTime() + 601_000);
	expect(store.admit(requestOf(second?.url ?? ''))).toBeNull();
});

describe('upload tickets', () => {
	const file = announce(randomBytes(10));
	const named = { digest: file.digest, bytes: file.bytes };
	const ticketOf = async (of: DirectArtifactStore) => requestOf((await of.beginUpload(file))[0]?.url ?? '');

	it('admit the file that they name, also in another process on the same directory', async () => {
		const other = await openLocalArtifactStore({ directory, now: () => now });
		expect(other.admit(await ticketOf(store))).toEqual({ file: named, part: null });
	});

	it('are refused when altered or too old', async () => {
		const ticket = await ticketOf(store);
		expect(store.admit({ ...ticket, bytes: '11' })).toBeNull();
		expect(store.admit({ ...ticket, digest: '0'.repeat(64) })).toBeNull();
		expect(store.admit({ ...ticket, expires: String(Number(ticket.expires) + 1) })).toBeNull();
		expect(store.admit({ ...ticket, signature: '' })).toBeNull();
		now = new Date(start.getTime() + 599_000);
		expect(store.admit(ticket)?.file).toEqual(named);
		now = new Date(start.getTime() + 601_000);
		expect(store.admit(ticket)).toBeNull();
	});

	it('are signed with a key that only the owner may read, and that another store does not share', async () => {
		const key = path.join(directory, 'upload-ticket.key');
		expect((await stat(key)).mode & 0o777).toBe(0o600);
		expect((await readFile(key)).length).toBe(32);
		const elsewhere = await mkdtemp(path.join(tmpdir(), 'graft-artifacts-'));
		const stranger = await openLocalArtifactStore({ directory: elsewhere, now: () => now });
		expect(store.admit(await ticketOf(stranger))).toBeNull();
		await rm(elsewhere, { recursive: true });
	});

	it('come with one key when several processes make the store at once', async () => {
		const shared = await mkdtemp(path.join(tmpdir(), 'graft-artifacts-'));
		const stores = await Promise.all(
			Array.from({ length: 8 }, () => openLocalArtifactStore({ directory: shared, now: () => now })),
		);
		const ticket = await ticketOf(stores[0] as DirectArtifactStore);
		expect(stores.map((each) => each.admit(ticket)?.file)).toEqual(stores.map(() => named));
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

testArtifactStore('the local disk', async () => {
	const place = await mkdtemp(path.join(tmpdir(), 'graft-artifacts-'));
	const left = async () => {
		const entries = await readdir(place, { recursive: true, withFileTypes: true });
		return entries
			.filter((entry) => (entry.isFile() ? entry.name !== 'upload-ticket.key' : entry.name.endsWith('.parts')))
			.map(({ name }) => name);
	};
	return {
		open: (clock) => openLocalArtifactStore({ directory: place, now: clock }),
		send: async (opened, part, body) => {
			if (opened.kind !== 'direct') throw new Error('not a local store');
			const admitted = opened.admit(requestOf(part.url));
			if (admitted === null) throw new Error(`${part.url} was not admitted`);
			return opened.receive(admitted, inPieces(body)).then(
				() => true,
				() => false,
			);
		},
		left,
		clear: async () => {
			for (const name of await readdir(place)) await rm(path.join(place, name), { recursive: true });
		},
		close: () => rm(place, { recursive: true, force: true }),
	};
});
