import { createHash, randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { UPLOAD_PART_BYTES } from '@graft/domain/artifact';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type LocalApi, startLocalApi } from '../testing/local-api.js';

const bytes = randomBytes(300_000);
const file = { digest: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length, partDigests: null };
let api: LocalApi;
beforeEach(async () => {
	api = await startLocalApi({});
});
afterEach(() => api.close());

const addressOf = async () => (await api.artifacts.beginUpload(file))[0]?.url ?? '';
const put = (path: string, body: Buffer) => fetch(`${api.url}${path}`, { method: 'PUT', body: new Uint8Array(body) });

it('takes the bytes with a ticket, and gives them back for good', async () => {
	expect((await put(await addressOf(), bytes)).status).toBe(204);
	const url = `${api.url}/artifacts/${file.digest}`;
	const response = await fetch(`${url}?name=${encodeURIComponent('../été "1".safetensors')}`);
	expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
	expect(Object.fromEntries(response.headers)).toMatchObject({
		'content-length': '300000',
		'content-type': 'application/octet-stream',
		'cache-control': 'public, max-age=31536000, immutable',
		etag: `"${file.digest}"`,
	});
	const disposition = response.headers.get('content-disposition') ?? '';
	expect(disposition).toMatch(/^attachment; filename=/);
	expect(disposition).toContain("filename*=UTF-8''%C3%A9t%C3%A9%20%221%22.safetensors");
	expect(disposition).not.toContain('..');
	expect((await fetch(url, { headers: { 'if-none-match': `"${file.digest}"` } })).status).toBe(304);
	const head = await fetch(url, { method: 'HEAD' });
	expect([head.status, head.headers.get('content-length')]).toEqual([200, '300000']);
});

it('takes the same file twice', async () => {
	const address = await addressOf();
	expect((await put(address, bytes)).status).toBe(204);
	expect((await put(address, bytes)).status).toBe(204);
});

it('refuses other bytes, other lengths and forged tickets in words, and keeps nothing', async () => {
	const other = randomBytes(bytes.length);
	const wrong = await put(await addressOf(), other);
	expect([wrong.status, await wrong.text()]).toEqual([422, expect.stringMatching(/their sha256 is/)]);
	const short = await put(await addressOf(), bytes.subarray(1));
	expect([short.status, await short.text()]).toEqual([
		400,
		expect.stringMatching(/300000 bytes, and this body has 299999/),
	]);
	const forged = await put((await addressOf()).replace('bytes=300000', 'bytes=300001'), bytes);
	expect(forged.status).toBe(403);
	expect((await put(`/artifacts/${file.digest}`, bytes)).status).toBe(403);
	expect(await api.artifacts.size(file.digest)).toBeNull();
});

it('takes a file in parts, each at its own address, and refuses a part that is not the one announced', async () => {
	const large = randomBytes(UPLOAD_PART_BYTES + 1000);
	const cut = [large.subarray(0, UPLOAD_PART_BYTES), large.subarray(UPLOAD_PART_BYTES)] as const;
	const sha256 = (some: Buffer) => createHash('sha256').update(some).digest('hex');
	const announced = { digest: sha256(large), bytes: large.length, partDigests: cut.map(sha256) };
	const [first, second] = (await api.artifacts.beginUpload(announced)).map(({ url }) => url);
	expect((await put(first ?? '', cut[0])).status).toBe(204);
	const wrong = await put(second ?? '', randomBytes(1000));
	expect([wrong.status, await wrong.text()]).toEqual([422, expect.stringMatching(/not those of part 2 .* sha256 is/)]);
	expect((await put(second ?? '', cut[0])).status).toBe(400);
	expect((await put((second ?? '').replace('/parts/2', '/parts/1'), cut[1])).status).toBe(403);
	expect(await api.artifacts.finishUpload(announced)).toBe(false);
	expect((await put(second ?? '', cut[1])).status).toBe(204);
	expect(await api.artifacts.finishUpload(announced)).toBe(true);
	const stored = await fetch(`${api.url}/artifacts/${announced.digest}`);
	expect(Buffer.from(await stored.arrayBuffer()).equals(large)).toBe(true);
});

it('says 507 where the disk is full, before the rest of the bytes has come and after it', async () => {
	const large = randomBytes(UPLOAD_PART_BYTES);
	const file = { digest: createHash('sha256').update(large).digest('hex'), bytes: large.length, partDigests: null };
	const receive = api.artifacts.receive;
	vi.spyOn(api.artifacts, 'receive').mockImplementation((wanted, source) => receive(wanted, fillingDisk(source)));
	/** As a store on a full disk does: it stops reading. */
	async function* fillingDisk(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
		for await (const chunk of source) {
			yield chunk;
			throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
		}
	}
	const address = (await api.artifacts.beginUpload(file))[0]?.url ?? '';
	const response = await put(address, large);
	expect([response.status, await response.text()]).toEqual([507, expect.stringMatching(/disk is full/)]);

	// A client that sends everything before it listens is not held up by bytes that nobody reads.
	const { hostname, port } = new URL(api.url);
	const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
	socket.write(`PUT ${address} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Length: ${large.length}\r\n\r\n`);
	await new Promise<void>((resolve, reject) => socket.once('error', reject).end(large, resolve));
	const answer = await text(socket);
	expect(answer).toMatch(/^HTTP\/1\.1 507 [\s\S]*disk is full/);
});

it('has no file by an unknown or impossible name', async () => {
	for (const name of ['0'.repeat(64), 'x', '..%2fupload-ticket.key', 'upload-ticket.key']) {
		const response = await fetch(`${api.url}/artifacts/${name}`);
		expect([response.status, response.headers.get('cache-control')]).toEqual([404, 'no-store']);
	}
});

it('keeps nothing of an upload whose client goes away', async () => {
	const { hostname, port } = new URL(api.url);
	const upload = request({ hostname, port, path: await addressOf(), method: 'PUT' });
	upload.on('error', () => undefined);
	upload.setHeader('content-length', bytes.length);
	const finished = vi.spyOn(api.artifacts, 'receive');
	upload.write(bytes.subarray(0, 1000));
	await vi.waitUntil(() => finished.mock.results.length === 1);
	upload.destroy();
	await expect(finished.mock.results[0]?.value).rejects.toThrow();
	expect(await api.artifacts.size(file.digest)).toBeNull();
});
