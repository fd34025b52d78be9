import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { greyPng, testFolder } from '../../testing/image-folder.js';
import { type ZipEntry, zipFile } from '../../testing/zip-file.js';
import { inspectDataset, loadDataset } from '../index.js';
import { DIRECT } from '../remote/remote-access.js';

let home: string;
let cacheDir: string;
let server: Server;
let host: string;
let sent: Buffer;
let asked: string[] = [];
beforeEach(async () => {
	home = mkdtempSync(path.join(tmpdir(), 'graft-archive-'));
	cacheDir = path.join(home, 'cache');
	asked = [];
	server = createServer(({ url = '' }, response) => {
		asked.push(url);
		response.writeHead(200, { 'content-length': sent.length }).end(sent);
	}).listen(0, '127.0.0.1');
	await new Promise((resolve) => server.once('listening', resolve));
	host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
	rmSync(home, { recursive: true });
	await new Promise((resolve) => server.close(resolve));
});

const source = (uri: string) => ({ uri, format: 'image-folder', options: { size: [4, 4] } });
const access = (cacheBytes = 1e9) => ({ cacheDir, cacheBytes });
const inspect = (archive: Buffer, cacheBytes?: number) => {
	const file = path.join(home, 'pets.zip');
	writeFileSync(file, archive);
	return inspectDataset(source(pathToFileURL(file).href), access(cacheBytes));
};
const kept = (name: string) => (existsSync(path.join(cacheDir, name)) ? readdirSync(path.join(cacheDir, name)) : []);
const pictures = async (under = '', seed = 0): Promise<ZipEntry[]> => {
	const names = ['cat', 'dog'].flatMap((label) => [0, 1, 2, 3].map((index) => `${under}${label}/${index}.png`));
	return Promise.all(names.map(async (name, mark) => ({ name, content: await greyPng(100, mark + seed) })));
};

describe('an archive of pictures', () => {
	it('is the folder in it: the same version, in whichever folder it was packed', async () => {
		const folder = testFolder();
		for (const { name, content } of await pictures()) folder.write(name, content);
		const { version, splits } = await inspectDataset(source(folder.uri), access());
		folder.remove();
		expect((await inspect(zipFile(await pictures()))).version).toBe(version);
		const packed = zipFile([
			{ name: 'pets/', content: '', mode: 0o040755 },
			...(await pictures('pets/')),
			{ name: '__MACOSX/pets/cat/._0.png', content: 'a fork' },
			{ name: 'pets/.DS_Store', content: 'a view' },
		]);
		const found = await inspect(packed);
		expect(found.version).toBe(version);
		expect(found.splits).toEqual(splits);
		expect((await inspect(zipFile(await pictures('train/')))).splits.map(({ examples }) => examples)).toEqual([
			8, 0, 0,
		]);
	});

	it('is unpacked once, trained on, and unpacked again where it made room', async () => {
		const file = pathToFileURL(path.join(home, 'pets.zip')).href;
		const { version } = await inspect(zipFile(await pictures()));
		const [folder = ''] = kept('unpacked');
		const read = async () => {
			const { splits } = await loadDataset({ ...source(file), version }, { ...access(), preprocessing: 'tf' });
			const { inputs } = splits.train;
			if (inputs instanceof Float32Array) throw new Error('in memory');
			return inputs.read([0, 1], null);
		};
		const first = await read();
		expect(first).toHaveLength(2 * 48);
		expect(kept('unpacked')).toEqual([folder]);
		rmSync(path.join(cacheDir, 'unpacked', folder), { recursive: true });
		expect(await read()).toEqual(first);
		expect(kept('unpacked')).toEqual([folder]);
		const bytes = Number(folder.split('-')[1]);
		await inspect(zipFile(await pictures('', 50)), bytes * 1.5);
		expect(kept('unpacked')).toHaveLength(1);
		expect(kept('unpacked')).not.toEqual([folder]);
	});

	it('may lie at an address or in a bucket, where a newer one is told from it', async () => {
		sent = zipFile(await pictures('pets/'));
		const at = source(`${host}/download?id=3`);
		const { version } = await inspectDataset(at, access());
		await loadDataset({ ...at, version }, access());
		expect(asked).toEqual(['/download?id=3']);
		const remote = { ...DIRECT, endpoint: host };
		expect((await inspectDataset(source('s3://bucket/pets.zip'), { ...access(), remote })).version).toBe(version);
		expect(asked.at(-1)).toBe('/bucket/pets.zip');
		expect(kept('unpacked')).toHaveLength(1);
		sent = zipFile(await pictures('', 50));
		const { version: newer } = await inspectDataset(at, access());
		expect(newer).not.toBe(version);
		await expect(loadDataset({ ...at, version }, access())).rejects.toThrowError(/have changed since/);
		sent = zipFile(await pictures('pets/'));
		await loadDataset({ ...at, version }, access());
		sent = Buffer.from('<html>Please log in</html>');
		await expect(inspectDataset(at, access())).rejects.toThrowError(/download\?id=3 cannot be unpacked as a .zip/);
		expect(kept('fetched').filter((name) => name.endsWith('download'))).toEqual([]);
	});

	it('may hold IDX files', async () => {
		const idx = (count: number, ...sizes: number[]) =>
			Buffer.from([0, 0, 8, 1 + sizes.length, ...[count, ...sizes].flatMap((size) => [0, 0, 0, size])]);
		const images = Buffer.concat([idx(20, 2, 3), Buffer.alloc(120, 9)]);
		const labels = Buffer.concat([idx(20), Buffer.from([...Array(20).keys()].map((at) => at % 2))]);
		const file = path.join(home, 'mnist.zip');
		const names = { 'mnist/train-images-idx3-ubyte': images, 'mnist/train-labels-idx1-ubyte': labels };
		writeFileSync(file, zipFile(Object.entries(names).map(([name, content]) => ({ name, content }))));
		const at = { uri: pathToFileURL(file).href, format: 'idx', options: {} };
		const { inputShape, classes } = await inspectDataset(at, access());
		expect({ inputShape, classes }).toEqual({ inputShape: [2, 3, 1], classes: ['0', '1'] });
	});
});

describe('what is refused, and leaves nothing', () => {
	const zeros = Buffer.alloc(1e6);
	it.each<[string, readonly ZipEntry[], RegExp]>([
		['a name that leads out', [{ name: '../out.png', content: 'x' }], /invalid relative path: \.\.\/out\.png/],
		['a name that leads out further in', [{ name: 'cat/../../out.png', content: 'x' }], /invalid relative path/],
		['one with backslashes', [{ name: '..\\out.png', content: 'x' }], /invalid relative path/],
		['an absolute name', [{ name: '/tmp/out.png', content: 'x' }], /absolute path: \/tmp\/out\.png/],
		['a name of a drive', [{ name: 'C:/out.png', content: 'x' }], /absolute path/],
		['a link', [{ name: 'cat/0.png', content: '/etc/passwd', mode: 0o120777 }], /cat\/0.png, which is a link/],
		['a device', [{ name: 'cat/0.png', content: '', mode: 0o020666 }], /no plain file/],
		['an encrypted entry', [{ name: 'cat/0.png', content: 'x', flags: 1 }], /cat\/0.png, which is encrypted/],
		['a name twice', [1, 2].map(() => ({ name: 'cat/0.png', content: 'x' })), /two entries of one name/],
		[
			'a file that is a folder, too',
			['a', 'a/0.png'].map((name) => ({ name, content: 'x' })),
			/two entries of one name/,
		],
		['folders without end', [{ name: `${'a/'.repeat(40)}0.png`, content: 'x' }], /more than 16 folders deep/],
		['a wrong checksum', [{ name: 'a.png', content: 'x', claims: { crc32: 1 } }], /a.png does not have its checksum/],
		['more than it claims', [{ name: 'a.png', content: zeros, claims: { bytes: 10 } }], /too many bytes/],
		['less than it claims', [{ name: 'a.png', content: 'x', claims: { bytes: 10 } }], /not enough bytes/],
		[
			'entries on top of each other',
			[...Array(9).keys()].map((at) => ({ name: 'a', content: zeros, isOnTop: at > 0 })),
			/lie on top of each other/,
		],
		['no picture', [{ name: 'cat/notes.txt', content: 'x' }], /has no image \(jpg.* in it/],
		['nothing', [], /has no image/],
	])('%s', async (_, entries, message) => {
		const error = await inspect(zipFile(entries)).catch((thrown: unknown) => thrown);
		expect(error).toMatchObject({ name: 'GraftError', code: 'DATA', message: expect.stringMatching(message) });
		expect(kept('unpacked')).toEqual([]);
		expect(readdirSync(home).sort()).toEqual(['cache', 'pets.zip']);
	});

	it('a bomb: for the room, and for what an honest archive could have', async () => {
		const bomb = zipFile([{ name: 'cat/0.png', content: Buffer.alloc(90e6) }]);
		expect(bomb.length).toBeLessThan(1e5);
		await expect(inspect(bomb, 1e6)).rejects.toThrowError(/more than 1000000 bytes \(.*GRAFT_DATA_CACHE_BYTES\)/);
		await expect(inspect(bomb)).rejects.toThrowError(/bytes \(200 times what it has packed\)/);
		sent = bomb;
		await expect(inspectDataset(source(`${host}/bomb.zip`), access(1e6))).rejects.toMatchObject({ code: 'DATA' });
		expect([...kept('unpacked'), ...kept('fetched')]).toEqual([]);
	});

	it('one that was cut off, wherever', async () => {
		const whole = zipFile(await pictures());
		for (const share of [0, 0.1, 0.5, 0.9, 0.999]) {
			const error = await inspect(whole.subarray(0, Math.floor(share * whole.length))).catch((thrown) => thrown);
			expect(error).toMatchObject({ code: 'DATA', message: expect.stringMatching(/pets.zip cannot be unpacked/) });
		}
		expect(kept('unpacked')).toEqual([]);
	});

	it('any file that is none, and where there is no room of one’s own', async () => {
		await expect(inspect(Buffer.from('no archive'))).rejects.toThrowError(/cannot be unpacked as a .zip/);
		const at = source(pathToFileURL(path.join(home, 'pets.zip')).href);
		await expect(inspectDataset(at)).rejects.toThrowError(/no folder to unpack/);
	});
});

test('archives with some of their bytes changed are read or refused by name, and write nowhere else', async () => {
	const whole = zipFile(await pictures());
	const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
	await fc.assert(
		fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 6 }), async (changes) => {
			const bytes = Buffer.from(whole);
			for (const [at, value] of changes) bytes[at] = value;
			const error = await inspect(bytes).then(
				() => null,
				(thrown: unknown) => thrown,
			);
			if (error !== null) expect(error).toMatchObject({ name: 'GraftError', code: 'DATA' });
			expect(readFileSync(path.join(home, 'pets.zip')).equals(bytes)).toBe(true);
			expect(readdirSync(home).sort()).toEqual(['cache', 'pets.zip']);
			expect(kept('unpacked').filter((name) => name.endsWith('.part'))).toEqual([]);
		}),
		{ numRuns: 150 },
	);
});
