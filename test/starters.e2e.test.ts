import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ask, startServer } from '@graft/testing/chaos';
import { expect, it } from 'vitest';
import { startApp } from './support/app.js';

it('four API processes that start at once on an empty database migrate it once, and all of them serve', async () => {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-starters-'));
	const server = await startServer(dataDir);
	const apis = Array.from({ length: 4 }, () =>
		startApp('api', { GRAFT_PORT: '0', GRAFT_DATA_DIR: path.join(dataDir, 'api'), DATABASE_URL: server.url }),
	);
	try {
		const urls = await Promise.all(apis.map(async ({ ready }) => (await ready).url));
		const answers = await Promise.all(urls.map(async (url) => (await fetch(`${url}/readyz`)).status));
		expect(answers).toEqual([200, 200, 200, 200]);
		const rows = await ask<{ name: string }>(server.url, 'SELECT name FROM migration');
		expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
		const migrated = apis.filter(({ log }) => log().includes('database schema brought up to date'));
		expect(migrated).toHaveLength(1);
		// SIGTERM is enough for each of them, and none waits for another.
		for (const { child } of apis) child.kill('SIGTERM');
		expect(await Promise.all(apis.map(({ exited }) => exited))).toEqual([0, 0, 0, 0]);
	} finally {
		for (const { child } of apis) child.kill('SIGKILL');
		await server.stop();
		rmSync(dataDir, { recursive: true, force: true });
	}
});
