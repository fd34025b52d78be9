export { findExperiment, findExperiments, insertExperiment, pageOfExperiments } from './experiment.repository.js';
