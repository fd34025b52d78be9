export type { Database, Session, Statement } from './database.js';
export { openDatabase } from './database.js';
