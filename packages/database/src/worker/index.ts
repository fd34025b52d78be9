export { findWorkers, findWorkersSeenSince, insertWorker, touchWorkers } from './worker.repository.js';
