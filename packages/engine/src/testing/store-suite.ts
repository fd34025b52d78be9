import { createHash, randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { countParts, partRange, UPLOAD_PART_BYTES } from '@graft/domain/artifact';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ServedArtifactStore } from '../artifact/artifact-store.js';
import type { UploadFile, UploadPart } from '../contract/artifact-store.js';

/** A store with the means to look at it from outside. */
export interface StoreUnderTest {
	/** A store at the place; several of them are several API processes. */
	open(now: () => Date): Promise<ServedArtifactStore>;
	/** What a client does with an address; whether the store took the bytes. */
	send(store: ServedArtifactStore, part: UploadPart, body: Uint8Array): Promise<boolean>;
	/** Names of everything that lies in the place, uploads under way included. */
	left(): Promise<string[]>;
	/** The place is empty again. */
	clear(): Promise<void>;
	close(): Promise<void>;
}

/** What a file is announced as, in parts where it has more than one. */
export function announce(bytes: Uint8Array): UploadFile {
	const sha256 = (some: Uint8Array) => createHash('sha256').update(some).digest('hex');
	const count = countParts(bytes.length);
	const partDigests = Array.from({ length: count }, (_, index) => sha256(partOf(bytes, index + 1)));
	return { digest: sha256(bytes), bytes: bytes.length, partDigests: count > 1 ? partDigests : null };
}

export function partOf(bytes: Uint8Array, number: number): Uint8Array {
	const { offset, bytes: length } = partRange(bytes.length, number);
	return bytes.subarray(offset, offset + length);
}

export async function* inPieces(bytes: Uint8Array, size = 100_000, failure?: Error): AsyncGenerator<Uint8Array> {
	for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
	if (failure) throw failure;
}

/** What every artifact store does. */
export function testArtifactStore(name: string, prepare: () => Promise<StoreUnderTest>): void {
	describe(`the artifact store on ${name}`, () => {
		const start = new Date();
		const large = randomBytes(2 * UPLOAD_PART_BYTES + 4321);
		const file = announce(large);
		let place: StoreUnderTest;
		let now: Date;
		let store: ServedArtifactStore;
		beforeAll(async () => {
			place = await prepare();
		});
		afterAll(() => place?.close());
		beforeEach(async () => {
			now = start;
			store = await place.open(() => now);
			await store.check();
		});
		afterEach(() => place.clear());

		const contentOf = async (digest: string) => {
			const opened = await store.open(digest);
			return opened === null ? null : await buffer(opened.stream);
		};
		const numbers = async (of: UploadFile = file) => (await store.beginUpload(of)).map(({ number }) => number);
		/** Sends the parts of these numbers, or all; answers whether the store took each. */
		async function send(bytes: Uint8Array, only?: readonly number[], of = announce(bytes)): Promise<boolean[]> {
			const parts = (await store.beginUpload(of)).filter(({ number }) => only?.includes(number) ?? true);
			return Promise.all(
				parts.map((part) => place.send(store, part, of.partDigests === null ? bytes : partOf(bytes, part.number))),
			);
		}

		it('gives back what passes through the process, and keeps two files of one content once', async () => {
			for (const bytes of [Buffer.alloc(0), randomBytes(123_457), large]) {
				const { digest } = announce(bytes);
				expect(await store.size(digest)).toBeNull();
				await Promise.all([store.put(announce(bytes), inPieces(bytes)), store.put(announce(bytes), inPieces(bytes))]);
				expect(await store.size(digest)).toBe(bytes.length);
				expect((await contentOf(digest))?.equals(bytes)).toBe(true);
			}
			expect(await place.left()).toHaveLength(3);
		});

		it('takes a small file in one piece and holds it when that is checked', async () => {
			for (const bytes of [Buffer.alloc(0), randomBytes(5000)]) {
				const small = announce(bytes);
				expect(await send(bytes)).toEqual([true]);
				expect(await store.finishUpload(small)).toBe(true);
				expect(await store.finishUpload(small)).toBe(true);
				expect((await contentOf(small.digest))?.equals(bytes)).toBe(true);
			}
			expect(await place.left()).toHaveLength(2);
		});

		it('takes a large file in parts, and asks for the missing ones only, in another process too', async () => {
			expect(await numbers()).toEqual([1, 2, 3]);
			expect(await send(large, [1, 3])).toEqual([true, true]);
			expect(await store.finishUpload(file)).toBe(false);
			expect(await store.size(file.digest)).toBeNull();
			store = await place.open(() => now);
			expect(await numbers()).toEqual([2]);
			expect(await send(large)).toEqual([true]);
			expect(await numbers()).toEqual([]);
			expect(await store.finishUpload(file)).toBe(true);
			expect((await contentOf(file.digest))?.equals(large)).toBe(true);
			expect(await store.finishUpload(file)).toBe(true);
			expect(await place.left()).toHaveLength(1);
		});

		it('holds one file when several send and finish it at once', async () => {
			await Promise.all([send(large), send(large), send(large)]);
			for (let left = await numbers(); left.length > 0; left = await numbers()) await send(large, left);
			const answers = await Promise.all([1, 2, 3].map(() => store.finishUpload(file)));
			expect(answers).toEqual([true, true, true]);
			expect((await contentOf(file.digest))?.equals(large)).toBe(true);
			await store.removeAbandonedUploads(-3600);
			expect(await place.left()).toHaveLength(1);
		});

		it.each([
			['a bit differs', (bytes: Uint8Array) => Buffer.from(bytes.map((byte, at) => (at === 77 ? byte ^ 1 : byte)))],
			['a byte is missing', (bytes: Uint8Array) => bytes.subarray(1)],
			['a byte is too much', (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.of(1)])],
		])('refuses bytes of which %s by a named error, and keeps nothing of them', async (_, spoil) => {
			for (const bytes of [randomBytes(5000), large]) {
				const announced = announce(bytes);
				for (const part of await store.beginUpload(announced)) {
					const own = announced.partDigests === null ? bytes : partOf(bytes, part.number);
					const taken = await place.send(store, part, part.number === 1 ? spoil(own) : own);
					// A store that checks what comes in has refused it already, and asks for it again.
					if (part.number === 1 && !taken) expect(await numbers(announced)).toContain(1);
				}
				const finished = await store.finishUpload(announced).catch((error: unknown) => error);
				if (finished !== false) expect(finished).toMatchObject({ code: 'DATA', message: expect.stringMatching(/not/) });
				expect(await store.size(announced.digest)).toBeNull();
				await store.removeAbandonedUploads(-3600);
				expect(await place.left()).toEqual([]);
				// Sent again, it is the file.
				for (let left = await numbers(announced); left.length > 0; left = await numbers(announced)) {
					await send(bytes, left);
					if (announced.partDigests === null) break;
				}
				expect(await store.finishUpload(announced)).toBe(true);
				await store.remove(announced.digest);
			}
		});

		it('refuses parts that are what was announced of a file that is not, and leaves nothing', async () => {
			const lie = { ...file, digest: 'a'.repeat(64) };
			expect(await send(large, undefined, lie)).toEqual([true, true, true]);
			await expect(store.finishUpload(lie)).rejects.toMatchObject({ code: 'DATA' });
			expect(await store.size(lie.digest)).toBeNull();
			expect(await place.left()).toEqual([]);
		});

		it.each([
			['other bytes', randomBytes(5000), 'DATA'],
			['fewer', large.subarray(0, 4999), 'DATA'],
			['more', large, 'DATA'],
		])('keeps nothing that passes through where %s come', async (_, bytes, code) => {
			const announced = announce(large.subarray(0, 5000));
			await expect(store.put(announced, inPieces(bytes))).rejects.toMatchObject({ code });
			await expect(store.put(announced, inPieces(bytes, 10, new Error('cut off')))).rejects.toThrow();
			const whole = store.put(file, inPieces(large, 100_000, new Error('cut off')));
			await expect(whole).rejects.toThrow('cut off');
			expect(await place.left()).toEqual([]);
		});

		it('gives up uploads that nobody goes on with, and nothing younger', async () => {
			await send(large, [1, 2]);
			await send(randomBytes(100));
			now = new Date(start.getTime() + 1_800_000);
			await store.removeAbandonedUploads(3600);
			expect(await numbers()).toEqual([3]);
			now = new Date(start.getTime() + 2 * 3_600_000);
			expect(await store.removeAbandonedUploads(3600)).toBeGreaterThan(0);
			// A store that takes a small file in one go holds it already.
			for await (const digest of store.storedLongerThan(3600)) await store.remove(digest);
			expect(await place.left()).toEqual([]);
			expect(await numbers()).toEqual([1, 2, 3]);
		});

		it('lists and removes what it holds', async () => {
			const [one, other] = [announce(randomBytes(10)), announce(large)];
			for (const [each, bytes] of [[other, large]] as const) await store.put(each, inPieces(bytes));
			const held = async (seconds: number) => {
				const listed: string[] = [];
				for await (const digest of store.storedLongerThan(seconds)) listed.push(digest);
				return listed;
			};
			expect(await held(3600)).toEqual([]);
			now = new Date(start.getTime() + 2 * 3_600_000);
			expect(await held(3600)).toEqual([other.digest]);
			await store.remove(other.digest);
			await store.remove(one.digest);
			expect([await held(3600), await store.size(other.digest), await place.left()]).toEqual([[], null, []]);
		});

		it('knows nothing by a name that is no digest', async () => {
			for (const odd of ['../upload-ticket.key', 'upload-ticket.key', 'incoming', '']) {
				expect(await store.size(odd)).toBeNull();
				expect(await store.open(odd)).toBeNull();
				await store.remove(odd);
			}
		});
	});
}
