export { isUnusableCheckpoint } from './checkpointing.js';
export type {
	CheckpointRequest,
	MetricPoint,
	TrainingEvent,
	TrainingHooks,
	TrainRequest,
	TrainResult,
	TrainSummary,
} from './train-request.js';
export { trainRun } from './train-run.js';
