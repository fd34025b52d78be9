export type {
	MetricPoint,
	TrainingEvent,
	TrainingHooks,
	TrainRequest,
	TrainResult,
	TrainSummary,
} from './train-request.js';
