export { findExperiment, findExperiments, insertExperiment, pageOfExperiments } from './experiment.repository.js';
export { holdExperiment, lockExperiment, lockTrainingRuns, moveExperiment, purgeExperiments } from './trash.sql.js';
