import { mkdir, mkdtemp, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { findBinaries, restoreSymlinks } from './binaries.js';
import { parseLockFile, processState } from './lock-file.js';
import { launchError } from './program.js';

describe('lock file', () => {
	test('is read as PostgreSQL writes it', () => {
		const text = '4711\n/data/postgres\n1795392000\n5433\n\n127.0.0.1\n  1234  5\nready   \n';
		expect(parseLockFile(text)).toEqual({ pid: 4711, dataDir: '/data/postgres', port: 5433, ready: true });
		expect(parseLockFile(text.replace('ready', 'starting'))).toMatchObject({ ready: false });
		expect(parseLockFile('4711\n/data/postgres\n')).toEqual({
			pid: 4711,
			dataDir: '/data/postgres',
			port: null,
			ready: false,
		});
		expect(parseLockFile('')).toBeNull();
	});

	test('tells our own process, which is no PostgreSQL, from one that is gone', () => {
		expect(processState(process.pid)).toBe('other');
		expect(processState(2 ** 22 + 1)).toBe('gone');
	});
});

test('a platform without a package is told what to do', async () => {
	await expect(findBinaries('sunos-sparc')).rejects.toMatchObject({
		code: 'UNAVAILABLE',
		message: expect.stringContaining('DATABASE_URL'),
	});
});

test('links of shared libraries are made where install scripts were blocked, and left alone where they are', async () => {
	const root = await mkdtemp(join(tmpdir(), 'graft-links-'));
	const native = join(root, 'native');
	await mkdir(join(native, 'lib'), { recursive: true });
	const link = { source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' };
	await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify([link]));
	await restoreSymlinks(native);
	await restoreSymlinks(native);
	expect(await readlink(join(native, 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
	await rm(root, { recursive: true });
});

test.each([
	['FATAL: could not write to file: No space left on device', 'disk is full'],
	['FATAL: could not extend file: wrote only 4096 of 8192 bytes\nHINT:  Check free disk space.', 'disk is full'],
	['mkdir: EACCES: permission denied', 'GRAFT_DATA_DIR'],
	['FATAL: database files are incompatible with server', 'major version'],
	['libicuuc.so.60: cannot open shared object file', 'DATABASE_URL'],
])('%s is explained', (text, advice) => {
	const { code, message } = launchError('PostgreSQL did not start', '/data', text);
	expect(code).toBe('UNAVAILABLE');
	expect(message).toContain(advice);
	for (const line of text.split('\n')) expect(message).toContain(line);
});
