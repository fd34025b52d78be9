export type { Database, Session, Statement } from './database.js';
export { openDatabase } from './database.js';
export { isUnreadableValue } from './database-error.js';
