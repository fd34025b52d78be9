import { readFile, writeFile } from 'node:fs/promises';
import { createLogger } from '@graft/runtime/logger';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { race } from '@graft/testing/race';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { dumpSchema } from './dump-schema.js';
import { migrate } from './migrate.js';

const logger = createLogger('test', 'error');
const schemaFile = new URL('../../../../migrations/schema.sql', import.meta.url);
let empty: TestDatabase;
beforeEach(async () => {
	empty = await createTestDatabase('empty');
});
afterEach(() => empty.drop());

test('all migrations on an empty database leave nothing for TypeORM to change', async () => {
	expect(await migrate(empty.database, logger)).not.toEqual([]);
	const { upQueries } = await empty.database.dataSource.driver.createSchemaBuilder().log();
	expect(upQueries.map(({ query }) => query)).toEqual([]);
	expect(await migrate(empty.database, logger)).toEqual([]);
});

test('the dumped schema equals migrations/schema.sql', async () => {
	await migrate(empty.database, logger);
	const dumped = await dumpSchema(empty.database);
	if (process.env.GRAFT_WRITE_SCHEMA === '1') await writeFile(schemaFile, dumped);
	expect(dumped).toBe(await readFile(schemaFile, 'utf8'));
});

test('every migration can be taken back', async () => {
	await migrate(empty.database, logger);
	for (const _ of empty.database.dataSource.migrations) await empty.database.dataSource.undoLastMigration();
	const left = await empty.database.query<{ relname: string }>({
		name: '',
		text: `SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migration'`,
	});
	expect(left).toEqual([]);
});

test('of starters that race one migrates, the others wait for it', async () => {
	const others = await Promise.all([empty.open(), empty.open(), empty.open()]);
	const results = await race([empty.database, ...others].map((database) => () => migrate(database, logger)));
	const ran = results.map((result) => (result.status === 'fulfilled' ? result.value.length : result.reason));
	expect(ran.toSorted((a, b) => b - a)).toEqual([empty.database.dataSource.migrations.length, 0, 0, 0]);
});
