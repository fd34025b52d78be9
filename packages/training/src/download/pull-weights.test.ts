import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
	createServer,
	request as httpRequest,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importWeights } from '../weights/index.js';
import { proxyFetch, pullWeights } from './index.js';

const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures/weights');
const COMMIT = 'c0ffee'.repeat(7).slice(0, 40);
const NAMES = ['config.json', 'model.safetensors'];

/** A hub with one model, `tiny/bert`, and a file host, that can be told to behave badly. */
interface Host {
	readonly url: string;
	readonly requests: { path: string; range: string | undefined; host: string | undefined }[];
	/** Bytes after which the next downloads are cut off. */
	cuts: number[];
	/** Files, by name, that are sent instead of the true ones. */
	lies: Map<string, Buffer>;
	knowsRanges: boolean;
}
let host: Host;
let server: Server;
let folder: string;
beforeEach(async () => {
	folder = mkdtempSync(path.join(tmpdir(), 'graft-pull-'));
	server = createServer((request, response) => answer(request, response));
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	host = { url, requests: [], cuts: [], lies: new Map(), knowsRanges: true };
});
afterEach(async () => {
	server.closeAllConnections();
	await new Promise((resolve) => server.close(resolve));
	rmSync(folder, { recursive: true });
});

const bytesOf = (name: string) => readFileSync(path.join(FIXTURES, 'bert', name));

function answer(request: IncomingMessage, response: ServerResponse): void {
	const { pathname } = new URL(request.url ?? '', 'http://host');
	host.requests.push({ path: pathname, range: request.headers.range, host: request.headers.host });
	const json = (value: unknown) => response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
	if (pathname.startsWith('/api/models/tiny/bert/revision/'))
		return void json({ id: 'tiny/bert', _id: '1', sha: COMMIT, cardData: { license: 'mit' } });
	if (pathname.startsWith('/api/models/tiny/bert/tree/')) return void json(NAMES.map(entryOf));
	if (pathname.startsWith('/api/')) return void response.writeHead(404).end('{"error": "none"}');
	const name = path.basename(pathname);
	const bytes =
		host.lies.get(name) ??
		(name.endsWith('.h5') ? readFileSync(path.join(FIXTURES, 'legacy-weights.h5')) : bytesOf(name));
	send(response, bytes, host.knowsRanges ? request.headers.range : undefined);
}

function entryOf(name: string) {
	const bytes = bytesOf(name);
	const git = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
	const lfs = { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, pointerSize: 130 };
	return { type: 'file', path: name, size: bytes.length, oid: git, ...(name.endsWith('.safetensors') && { lfs }) };
}

function send(response: ServerResponse, bytes: Buffer, range: string | undefined): void {
	const begin = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
	if (begin > bytes.length) return void response.writeHead(416).end();
	const rest = bytes.subarray(begin);
	response.writeHead(range === undefined ? 200 : 206, { 'content-length': rest.length });
	const cut = host.cuts.shift();
	if (cut === undefined) return void response.end(rest);
	response.write(rest.subarray(0, cut), () => response.destroy());
}

const pull = (name: string, over: object = {}) =>
	pullWeights({
		...{ name, folder, fetch: proxyFetch({}), hubUrl: host.url, kerasUrl: host.url },
		...{ onProgress: () => {}, wait: () => 0, ...over },
	});
const downloads = () => host.requests.filter((one) => !one.path.startsWith('/api/'));

describe('from Hugging Face', () => {
	it('fetches what belongs to the weights, checks each file, and imports as what config.json says', async () => {
		const seen: number[][] = [];
		const pulled = await pull('tiny/bert', { onProgress: (done: number, total: number) => seen.push([done, total]) });
		expect(pulled).toMatchObject({ source: `${host.url}/tiny/bert/tree/${COMMIT}`, licence: 'mit' });
		expect(pulled.files.map(({ name, sha256 }) => [name, sha256])).toEqual(
			NAMES.map((name) => [name, createHash('sha256').update(bytesOf(name)).digest('hex')]),
		);
		const total = NAMES.reduce((sum, name) => sum + bytesOf(name).length, 0);
		expect(seen.at(-1)).toEqual([total, total]);
		expect(seen.map(([done]) => done)).toEqual(seen.map(([done]) => done).sort((a = 0, b = 0) => a - b));
		const to = path.join(folder, 'backbone.safetensors');
		const imported = await importWeights({ ...pulled, to, scratch: folder });
		expect(imported.architecture).toBe('bert-L2-H8-A2-F12-V20-P8');
	});

	it('goes on where it was cut off, in this try and after a new start', async () => {
		const whole = bytesOf('model.safetensors').length;
		host.cuts = [100_000, 1_000, 500];
		await pull('tiny/bert');
		const ranges = downloads()
			.filter((one) => one.path.endsWith('model.safetensors'))
			.map(({ range }) => range);
		expect(ranges[0]).toBeUndefined();
		expect(ranges.length).toBeGreaterThan(1);
		expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
		const kept = path.join(folder, 'tiny', 'bert', COMMIT, 'model.safetensors');
		// As a process that was killed leaves it.
		writeFileSync(`${kept}.part`, bytesOf('model.safetensors').subarray(0, 2_000));
		rmSync(kept);
		host.requests.length = 0;
		await pull('tiny/bert');
		expect(downloads().map(({ range }) => range)).toEqual(['bytes=2000-']);
		expect(readFileSync(kept)).toHaveLength(whole);
		expect(existsSync(`${kept}.part`)).toBe(false);
	});

	it('fetches nothing again that is there', async () => {
		await pull('tiny/bert');
		host.requests.length = 0;
		await pull('tiny/bert');
		expect(downloads()).toEqual([]);
	});

	it('begins anew where what was left is of another file, and where the host knows no ranges', async () => {
		const kept = path.join(folder, 'tiny', 'bert', COMMIT, 'model.safetensors');
		await pull('tiny/bert');
		rmSync(kept);
		writeFileSync(`${kept}.part`, Buffer.alloc(1_000, 7));
		await pull('tiny/bert');
		expect(readFileSync(kept).equals(bytesOf('model.safetensors'))).toBe(true);
		rmSync(kept);
		writeFileSync(`${kept}.part`, Buffer.alloc(1_000, 7));
		host.knowsRanges = false;
		await pull('tiny/bert');
		expect(readFileSync(kept).equals(bytesOf('model.safetensors'))).toBe(true);
	});

	it('refuses other bytes than those that the hub speaks of, and keeps none of them', async () => {
		const wrong = bytesOf('model.safetensors');
		wrong[5_000] = (wrong[5_000] ?? 0) ^ 1;
		host.lies.set('model.safetensors', wrong);
		await expect(pull('tiny/bert')).rejects.toThrow(/does not have the sha256/);
		expect(existsSync(path.join(folder, 'tiny', 'bert', COMMIT, 'model.safetensors.part'))).toBe(false);
		host.lies.set('model.safetensors', Buffer.concat([bytesOf('model.safetensors'), Buffer.alloc(10)]));
		await expect(pull('tiny/bert')).rejects.toThrow(/more than the \d+ bytes/);
	});

	it('says what a name must be, and what is not there', async () => {
		await expect(pull('nobody/nothing')).rejects.toMatchObject({
			code: 'DATA',
			message: expect.stringMatching(/no model nobody\/nothing/),
		});
		for (const name of ['bert', '../../etc/passwd', 'a b/c', 'keras/']) {
			await expect(pull(name)).rejects.toMatchObject({ code: 'CONFIGURATION' });
		}
	});
});

it('from Keras: the file of an architecture, whose checksum is the published one', async () => {
	// This host's file is not the published one, which is what the checksum is for.
	await expect(pull('keras/resnet50')).rejects.toThrow(/does not have the md5 4d473c1dd8becc155b73f8504c6f6626/);
	const pulled = await pull('keras/mobilenet-v2');
	expect(pulled).toMatchObject({
		architecture: 'mobilenet-v2',
		from: expect.stringMatching(/mobilenet_v2_.*_no_top\.h5$/),
	});
	expect(readFileSync(pulled.from).equals(readFileSync(path.join(FIXTURES, 'legacy-weights.h5')))).toBe(true);
	await expect(pull('keras/alexnet')).rejects.toThrow(/no weights of alexnet. It has: vgg16, vgg16-top/);
});

it('offline it says so, and what to do', async () => {
	const closed = createServer();
	await new Promise<void>((resolve) => closed.listen(0, '127.0.0.1', resolve));
	const { port } = closed.address() as AddressInfo;
	await new Promise((resolve) => closed.close(resolve));
	const nowhere = { hubUrl: `http://127.0.0.1:${port}`, kerasUrl: `http://127.0.0.1:${port}` };
	for (const name of ['tiny/bert', 'keras/resnet50']) {
		await expect(pull(name, nowhere)).rejects.toMatchObject({
			code: 'UNAVAILABLE',
			message: expect.stringMatching(/127.0.0.1:\d+ cannot be reached \(.*ECONNREFUSED.*graft backbone import/),
		});
	}
});

it('goes through a proxy where one is named, and past it where the host is excepted', async () => {
	const seen: string[] = [];
	// A proxy for plain HTTP gets the whole address; undici asks it for a tunnel.
	const proxy = createServer((incoming, outgoing) => {
		seen.push(incoming.url ?? '');
		const forward = httpRequest(incoming.url ?? '', { headers: incoming.headers }, (found) => {
			outgoing.writeHead(found.statusCode ?? 500, found.headers);
			found.pipe(outgoing);
		});
		forward.end();
	});
	proxy.on('connect', async (incoming, socket) => {
		seen.push(incoming.url ?? '');
		const { connect } = await import('node:net');
		const [name = '', port = ''] = (incoming.url ?? '').split(':');
		const onward = connect(Number(port), name, () => {
			socket.write('HTTP/1.1 200 OK\r\n\r\n');
			onward.pipe(socket).pipe(onward);
		});
		for (const one of [onward, socket]) one.on('error', () => undefined);
	});
	await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
	const httpProxy = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
	await pull('keras/mobilenet-v2', { fetch: proxyFetch({ httpProxy }) });
	expect(seen.length).toBeGreaterThan(0);
	seen.length = 0;
	rmSync(path.join(folder, 'keras'), { recursive: true });
	await pull('keras/mobilenet-v2', { fetch: proxyFetch({ httpProxy, noProxy: '127.0.0.1' }) });
	expect(seen).toEqual([]);
	proxy.closeAllConnections();
	await new Promise((resolve) => proxy.close(resolve));
});
