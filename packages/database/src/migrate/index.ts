export { dumpSchema } from './dump-schema.js';
export { migrate } from './migrate.js';
