export { findSentEvent, insertRunEvent, listRunEvents, type NewRunEvent } from './run-events.sql.js';
