export { isAnyRunLeft } from './any-run-left.sql.js';
export {
	type ChangedRun,
	type ChangePosition,
	type ChangeScope,
	currentPosition,
	readChangedRuns,
} from './changed-runs.sql.js';
export { COUNTED_RUNS, countListedRuns, type RunCount } from './count-runs.sql.js';
export type { RunListFilter } from './filter-sql.js';
export {
	countRunsByStatus,
	findRunIdsOfSweep,
	findRuns,
	findRunsByWorkers,
	findRunsOfExperiment,
	lockRun,
	lockRuns,
} from './find-runs.sql.js';
export { insertRuns, type NewRun } from './insert-runs.sql.js';
export { listRuns, type RunListing, type RunListPage } from './list-runs.sql.js';
export { readLoad } from './load.sql.js';
export type { RunKey, RunOrderField } from './order-sql.js';
export { purgeRuns } from './purge-runs.sql.js';
export type { RunEntity } from './run.entity.js';
export { toRun } from './run-row.js';
export { NOW, type RunPatch, updateRun } from './update-run.sql.js';
export { wakeRuns } from './wake-runs.sql.js';
