import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@graft/database/connection';
import { startEmbeddedPostgres } from '@graft/database/embedded-postgres';
import { migrate } from '@graft/database/migrate';
import { createLogger } from '@graft/runtime/logger';
import type { TestProject } from 'vitest/node';
import { createDatabase, urlOfDatabase } from './administer.js';

/** One real server for the whole test run, and in it one migrated database that every test clones. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
	const logger = createLogger('test-database', process.env.GRAFT_LOG_LEVEL ?? 'error');
	const dataDir = await mkdtemp(join(tmpdir(), 'graft-test-'));
	// Tests do not survive a power cut, so they need not wait for the disk.
	const settings = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'max_connections=300'];
	const server = await startEmbeddedPostgres({ dataDir, logger, settings });
	const stop = async () => {
		await server.stop();
		await rm(dataDir, { recursive: true, force: true });
	};
	try {
		await createDatabase(server.url, TEMPLATE);
		const template = await openDatabase({ url: urlOfDatabase(server.url, TEMPLATE), logger, poolSize: 2 });
		await migrate(template, logger);
		await template.close();
	} catch (error) {
		await stop();
		throw error;
	}
	project.provide('graftTestServer', { url: server.url, template: TEMPLATE });
	return stop;
}

const TEMPLATE = 'graft_template';

declare module 'vitest' {
	interface ProvidedContext {
		graftTestServer: { url: string; template: string };
	}
}
