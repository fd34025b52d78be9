import { writeFile } from 'node:fs/promises';
import { buildGraftSchema, printSortedSchema } from './build-schema.js';

const file = new URL('../../../../packages/client/schema.graphql', import.meta.url);
await writeFile(file, printSortedSchema(buildGraftSchema()));
