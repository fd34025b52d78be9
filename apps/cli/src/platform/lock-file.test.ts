import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lock, runningPlatform, takeLock } from './lock-file.js';

const info = { apiUrl: 'http://127.0.0.1:4620', dashboardUrl: 'http://127.0.0.1:4621' };
let dir: string;
beforeEach(async () => {
	dir = await mkdtemp(path.join(tmpdir(), 'graft-lock-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('takeLock', () => {
	it('refuses a second holder, naming the first, and lets the next one in after the release', async () => {
		const first = await takeLock(dir, info);
		expect(await runningPlatform(dir)).toMatchObject({ ...info, pid: process.pid });
		await expect(takeLock(dir, info)).rejects.toMatchObject({
			code: 'CONFIGURATION',
			message: expect.stringContaining(`Graft is already running at http://127.0.0.1:4621 (pid ${process.pid}`),
		});
		await first.release();
		expect(await runningPlatform(dir)).toBeNull();
		await (await takeLock(dir, info)).release();
		expect(await readdir(dir)).toEqual([]);
	});

	it('takes over from a holder that is gone, even where its pid is another program now', async () => {
		const stale = { ...info, pid: process.pid, nonce: 'gone', livenessPort: 1 };
		await writeFile(path.join(dir, 'graft.lock'), JSON.stringify(stale));
		const lock = await takeLock(dir, info);
		expect(JSON.parse(await readFile(path.join(dir, 'graft.lock'), 'utf8')).nonce).not.toBe('gone');
		await lock.release();
	});

	it('takes over a lock that cannot be read', async () => {
		await writeFile(path.join(dir, 'graft.lock'), '{"pid":');
		await (await takeLock(dir, info)).release();
	});

	it('says what to do where nothing can be written', async () => {
		const file = path.join(dir, 'a-file');
		await writeFile(file, '');
		await expect(takeLock(file, info)).rejects.toMatchObject({
			code: 'UNAVAILABLE',
			message: expect.stringMatching(/a-file cannot be used .*--data DIR/s),
		});
	});

	it('lets one of many starters win, also over a stale lock', async () => {
		await writeFile(path.join(dir, 'graft.lock'), JSON.stringify({ ...info, pid: 1, nonce: 'gone', livenessPort: 1 }));
		const tries = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(dir, info)));
		const winners = tries.filter((result): result is PromiseFulfilledResult<Lock> => result.status === 'fulfilled');
		expect(winners).toHaveLength(1);
		await winners[0]?.value.release();
		expect(await readdir(dir)).toEqual([]);
	});
});
