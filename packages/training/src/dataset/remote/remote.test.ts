import { createHash, createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TINY_OPTIONS, tinyCsv } from '../../testing/tiny-dataset.js';
import { inspectDataset, loadDataset } from '../index.js';
import { DIRECT } from './remote-access.js';

let server: Server;
let host: string;
let cacheDir: string;
let content = '';
let asked: IncomingMessage[] = [];
let allows: (request: IncomingMessage) => boolean = () => true;
beforeEach(async () => {
	content = tinyCsv(10, 1);
	asked = [];
	allows = () => true;
	cacheDir = mkdtempSync(path.join(tmpdir(), 'graft-remote-'));
	server = createServer((request, response) => {
		asked.push(request);
		if (!allows(request)) response.writeHead(403).end();
		else if (!request.url?.endsWith('.csv')) response.writeHead(404).end();
		else response.writeHead(200, { 'content-length': Buffer.byteLength(content) }).end(content);
	}).listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
	rmSync(cacheDir, { recursive: true });
	await new Promise((resolve) => server.close(resolve));
});

const source = (uri: string) => ({ uri, format: 'csv-image', options: TINY_OPTIONS });
const access = () => ({ cacheDir, cacheBytes: 1e6 });

describe('data behind an address', () => {
	it('are fetched once, and again only where they are not those that were registered', async () => {
		const at = source(`${host}/a.csv`);
		const { version } = await inspectDataset(at, access());
		expect((await loadDataset({ ...at, version }, access())).splits.train.count).toBe(10);
		expect(asked).toHaveLength(1);
		content = tinyCsv(10, 2);
		await loadDataset({ ...at, version }, access());
		expect(asked).toHaveLength(1);
		const { version: newer } = await inspectDataset(at, access());
		expect(newer).not.toBe(version);
		content = tinyCsv(10, 1);
		// Here lies the newer file; the registered one is at the address again.
		await loadDataset({ ...at, version }, access());
		expect(asked).toHaveLength(3);
		content = tinyCsv(10, 3);
		await expect(loadDataset({ ...at, version: newer }, access())).rejects.toThrowError(/have changed since/);
	});

	it('are refused by name: not there, too large for the room, no room at all', async () => {
		await expect(inspectDataset(source(`${host}/gone`), access())).rejects.toThrowError(
			/gone is not there \(status 404\)/,
		);
		const small = { cacheDir, cacheBytes: 100 };
		await expect(inspectDataset(source(`${host}/a.csv`), small)).rejects.toThrowError(
			/bytes, and there is room for 100/,
		);
		await expect(inspectDataset(source(`${host}/a.csv`))).rejects.toThrowError(/no folder to keep what is fetched/);
		expect(readdirSync(path.join(cacheDir, 'fetched')).filter((name) => name.endsWith('.csv'))).toEqual([]);
	});
});

describe('data in S3', () => {
	const s3 = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret', sessionToken: undefined };
	const remote = () => ({ ...DIRECT, endpoint: host, s3 });

	it('may be a table in several files', async () => {
		content = 'a,b,label\n1,2,x\n3,4,y\n5,6,x\n';
		const options = { label: 'label', split: { files: { train: 'train.csv', test: 'test.csv' } } };
		const at = { uri: `${host}/folder`, format: 'csv-table', options };
		const { version, splits } = await inspectDataset(at, access());
		expect(splits.map(({ examples }) => examples)).toEqual([3, 0, 3]);
		await loadDataset({ ...at, version }, access());
		expect(asked.map(({ url }) => url)).toEqual(['/folder/train.csv', '/folder/test.csv']);
	});

	it('are asked for with the signature that AWS documents', async () => {
		allows = (request) => isSigned(request, s3.secretAccessKey);
		const found = await inspectDataset(source('s3://bucket/folder/a.csv'), { ...access(), remote: remote() });
		expect(found.splits[0]?.examples).toBe(10);
		expect(asked[0]?.url).toBe('/bucket/folder/a.csv');
		const wrong = { ...remote(), s3: { ...s3, secretAccessKey: 'other' } };
		await expect(inspectDataset(source('s3://bucket/b.csv'), { ...access(), remote: wrong })).rejects.toThrowError(
			/s3:\/\/bucket\/b.csv is not given to this machine \(status 403\).*AWS_ACCESS_KEY_ID/,
		);
	});

	it('are read without a signature where no account is known', async () => {
		allows = ({ headers }) => headers.authorization === undefined;
		const open = { ...access(), remote: { ...remote(), s3: null } };
		expect((await inspectDataset(source('s3://bucket/a.csv'), open)).splits[0]?.examples).toBe(10);
	});
});

/** Signature version 4, computed anew from what arrived, by AWS' own description of it. */
function isSigned({ method, url, headers }: IncomingMessage, secret: string): boolean {
	const [, scope = '', signed = '', signature] =
		/Credential=[^/]+\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)/.exec(headers.authorization ?? '') ?? [];
	const names = signed.split(';');
	const lines = names.map((name) => `${name}:${String(headers[name]).trim()}\n`).join('');
	const payload = String(headers['x-amz-content-sha256']);
	const canonical = [method, url, '', lines, signed, payload].join('\n');
	const hash = createHash('sha256').update(canonical).digest('hex');
	const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, hash].join('\n');
	const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest();
	const key = scope.split('/').reduce<string | Buffer>((before, part) => hmac(before, part), `AWS4${secret}`);
	return hmac(key, text).toString('hex') === signature;
}
