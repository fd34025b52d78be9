import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createGraftClient, type GraftClient } from '@graft/client/node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadFile } from './file-cache.js';

const bytes = new TextEncoder().encode('weights');
const digest = createHash('sha256').update(bytes).digest('hex');
const { signal } = new AbortController();
let dir: string;
let client: GraftClient;
let downloads = 0;
const server = createServer((_request, response) => {
	downloads += 1;
	response.end(bytes);
});

beforeAll(async () => {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	client = createGraftClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
	dir = await mkdtemp(path.join(tmpdir(), 'graft-weights-'));
});
beforeEach(() => {
	downloads = 0;
});
afterAll(async () => {
	server.closeAllConnections();
	server.close();
	await rm(dir, { recursive: true });
});

describe('loadFile', () => {
	it('downloads once, and mends a broken copy', async () => {
		const cache = path.join(dir, 'cache');
		expect(await loadFile(client, digest, cache, signal)).toEqual(bytes);
		expect(await loadFile(client, digest, cache, signal)).toEqual(bytes);
		expect(downloads).toBe(1);
		await writeFile(path.join(cache, digest), 'half of');
		expect(await loadFile(client, digest, cache, signal)).toEqual(bytes);
		expect(downloads).toBe(2);
		expect(await readFile(path.join(cache, digest), 'utf8')).toBe('weights');
		expect(await readdir(cache)).toEqual([digest]);
	});

	it('does without a cache where none can be written', async () => {
		const file = path.join(dir, 'a-file');
		await writeFile(file, '');
		expect(await loadFile(client, digest, path.join(file, 'cache'), signal)).toEqual(bytes);
	});
});
