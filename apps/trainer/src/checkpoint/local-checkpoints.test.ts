import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalCheckpoints, localCheckpoints } from './local-checkpoints.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

let folder: string;
let files: LocalCheckpoints;
beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'graft-checkpoints-'));
	files = localCheckpoints(folder);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const of = (runId: string) => readdir(path.join(folder, runId)).catch(() => []);

describe('localCheckpoints', () => {
	it('gives back what was written, of its own run and digest alone', async () => {
		await files.write('a', bytesOf('state 1'));
		expect(await files.read('a', digestOf('state 1'))).toEqual(bytesOf('state 1'));
		expect(await files.read('b', digestOf('state 1'))).toBeNull();
		expect(await files.read('a', digestOf('state 2'))).toBeNull();
	});

	it('does not give out what is no longer whole', async () => {
		await files.write('a', bytesOf('state 1'));
		await truncate(path.join(folder, 'a', digestOf('state 1')), 3);
		expect(await files.read('a', digestOf('state 1'))).toBeNull();
	});

	it('keeps the newest two of a run, and nothing that a killed process had begun', async () => {
		for (const [second, text] of ['one', 'two', 'three'].entries()) {
			await files.write('a', bytesOf(text));
			await utimes(path.join(folder, 'a', digestOf(text)), second, second);
			await writeFile(path.join(folder, 'a', `${text}.part`), 'half of');
		}
		await files.write('a', bytesOf('four'));
		expect(new Set(await of('a'))).toEqual(new Set([digestOf('three'), digestOf('four')]));
	});

	it('forgets a run, and what was left behind a week ago', async () => {
		for (const run of ['a', 'b', 'c']) await files.write(run, bytesOf(run));
		await files.forget('a');
		await files.forget('unknown');
		expect(await readdir(folder)).toEqual(['b', 'c']);
		const week = 7 * 24 * 3_600;
		const now = 1_800_000_000;
		await utimes(path.join(folder, 'b'), now - week - 1, now - week - 1);
		await utimes(path.join(folder, 'c'), now - week + 60, now - week + 60);
		await files.clean(now * 1_000);
		expect(await readdir(folder)).toEqual(['c']);
	});

	it('says so where it cannot write', async () => {
		const file = path.join(folder, 'a-file');
		await writeFile(file, '');
		await expect(localCheckpoints(file).write('a', bytesOf('state'))).rejects.toMatchObject({ code: 'ENOTDIR' });
	});
});
