import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { type Header, pack } from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { greyPng } from '../../testing/image-folder.js';
import { zipFile } from '../../testing/zip-file.js';
import { inspectDataset, loadDataset } from '../index.js';

type TarEntry = Partial<Header> & { readonly name: string; readonly content?: string | Buffer };

let home: string;
let cacheDir: string;
beforeEach(() => {
	home = mkdtempSync(path.join(tmpdir(), 'graft-tar-'));
	cacheDir = path.join(home, 'cache');
});
afterEach(() => rmSync(home, { recursive: true }));

const access = (cacheBytes = 1e9) => ({ cacheDir, cacheBytes });
const kept = () => (existsSync(path.join(cacheDir, 'unpacked')) ? readdirSync(path.join(cacheDir, 'unpacked')) : []);
const sourceOf = (name: string) => ({
	...{ uri: pathToFileURL(path.join(home, name)).href, format: 'image-folder' },
	options: { size: [4, 4] },
});
const inspect = (archive: Buffer, name = 'pets.tar', cacheBytes?: number) => {
	writeFileSync(path.join(home, name), archive);
	return inspectDataset(sourceOf(name), access(cacheBytes));
};

async function tarFile(entries: readonly TarEntry[]): Promise<Buffer> {
	const written = pack();
	for (const { content = '', ...header } of entries) written.entry(header, content);
	written.finalize();
	return buffer(written as unknown as AsyncIterable<Uint8Array>);
}

const pictures = async (under = ''): Promise<{ name: string; content: Buffer }[]> => {
	const names = ['cat', 'dog'].flatMap((label) => [0, 1, 2, 3].map((index) => `${under}${label}/${index}.png`));
	return Promise.all(names.map(async (name, mark) => ({ name, content: await greyPng(100, mark) })));
};

describe('a .tar of pictures', () => {
	it('is the folder in it, packed by gzip or not, as a .zip of it is', async () => {
		const { version } = await inspect(zipFile(await pictures()), 'pets.zip');
		const plain = await tarFile(await pictures());
		const folder = await tarFile([
			{ name: './pets/', type: 'directory' },
			...(await pictures('./pets/')),
			{ name: './pets/._0.png', content: 'a fork' },
			{ name: `./pets/cat/${'long'.repeat(40)}.txt`, content: 'a name that needs a header of its own' },
		]);
		for (const archive of [plain, gzipSync(plain), folder, gzipSync(folder)]) {
			expect((await inspect(archive)).version).toBe(version);
		}
		const { splits } = await loadDataset({ ...sourceOf('pets.tar'), version }, { ...access(), preprocessing: 'tf' });
		expect(splits.train.count).toBeGreaterThan(0);
	});
});

describe('what is refused, and leaves nothing', () => {
	it.each<[string, readonly TarEntry[], RegExp]>([
		['a name that leads out', [{ name: '../out.png', content: 'x' }], /\.\.\/out\.png, which leads out/],
		['one that leads out further in', [{ name: 'cat/../../out.png', content: 'x' }], /leads out of it/],
		['an absolute name', [{ name: '/tmp/out.png', content: 'x' }], /leads out of it/],
		['one with backslashes', [{ name: 'cat\\..\\out.png', content: 'x' }], /leads out of it/],
		['a name of a drive', [{ name: 'C:out.png', content: 'x' }], /leads out of it/],
		['a link', [{ name: 'cat/0.png', type: 'symlink', linkname: '/etc/passwd' }], /cat\/0.png, which is a link/],
		['a hard link', [{ name: 'cat/0.png', type: 'link', linkname: '/etc/passwd' }], /cat\/0.png, which is a link/],
		['a device', [{ name: 'cat/0.png', type: 'character-device' }], /no plain file/],
		['a name twice', [1, 2].map(() => ({ name: 'cat/0.png', content: 'x' })), /two entries of one name/],
		['a file that is a folder, too', ['a', 'a/0.png'].map((name) => ({ name, content: 'x' })), /two entries of one/],
		['folders without end', [{ name: `${'a/'.repeat(40)}0.png`, content: 'x' }], /more than 16 folders deep/],
		['no picture', [{ name: 'cat/notes.txt', content: 'x' }], /has no image \(jpg.* in it/],
	])('%s', async (_, entries, message) => {
		const archive = await tarFile(entries);
		for (const bytes of [archive, gzipSync(archive)]) {
			const error = await inspect(bytes).catch((thrown: unknown) => thrown);
			expect(error).toMatchObject({ name: 'GraftError', code: 'DATA', message: expect.stringMatching(message) });
			expect(kept()).toEqual([]);
			expect(readdirSync(home).sort()).toEqual(['cache', 'pets.tar']);
		}
	});

	it('a bomb: for the room, and for what an honest archive could have', async () => {
		const bomb = gzipSync(await tarFile([{ name: 'cat/0.png', content: Buffer.alloc(90e6) }]));
		expect(bomb.length).toBeLessThan(1e5);
		await expect(inspect(bomb, 'pets.tgz', 1e6)).rejects.toThrowError(/more than 1000000 bytes \(.*DATA_CACHE_BYTES\)/);
		await expect(inspect(bomb, 'pets.tgz')).rejects.toThrowError(/bytes \(200 times what it has packed\)/);
		expect(kept()).toEqual([]);
	});

	it('one that was cut off, wherever', async () => {
		const whole = await tarFile(await pictures());
		for (const bytes of [whole, gzipSync(whole)]) {
			for (const share of [0.5, 0.75, 0.9, 0.999]) {
				// At the end of a block, too, where nothing but the end itself is missing.
				for (const end of [Math.floor(share * bytes.length), 512 * Math.floor((share * bytes.length) / 512)]) {
					const error = await inspect(bytes.subarray(0, end)).catch((thrown: unknown) => thrown);
					expect(error).toMatchObject({ code: 'DATA', message: expect.stringMatching(/cannot be unpacked as a/) });
				}
			}
		}
		expect(kept()).toEqual([]);
	});
});

test('archives with some of their bytes changed are read or refused by name, and write nowhere else', async () => {
	const whole = await tarFile(await pictures());
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
			expect(readdirSync(home).sort()).toEqual(['cache', 'pets.tar']);
			expect(kept().filter((name) => name.endsWith('.part'))).toEqual([]);
		}),
		{ numRuns: 100 },
	);
});
