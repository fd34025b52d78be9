export { appendLines } from './append-lines.sql.js';
export { type LinePosition, LOG_START, readLines, type StoredLine } from './read-lines.sql.js';
export { countLines, listLines, type NumberedLine, type NumberedPosition } from './search-lines.sql.js';
