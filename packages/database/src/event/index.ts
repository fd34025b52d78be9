export { findSentEvent, insertFencedEvent, insertRunEvent, listRunEvents, type NewRunEvent } from './run-events.sql.js';
