export { findWorkers, findWorkersSeenSince, insertWorker, requestDrain, touchWorkers } from './worker.repository.js';
