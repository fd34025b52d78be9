import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { buildGraftSchema, printSortedSchema } from './build-schema.js';

it('prints the committed schema; after a wanted change run `npm run -w apps/api schema && npm run codegen`', async () => {
	const file = new URL('../../../../packages/client/schema.graphql', import.meta.url);
	expect(printSortedSchema(buildGraftSchema())).toBe(await readFile(file, 'utf8'));
});
