export { findWorkers, findWorkersSeenSince, insertWorker, touchWorker } from './worker.repository.js';
