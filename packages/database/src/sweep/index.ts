export {
	findSweep,
	findSweepsByExperiments,
	hasOpenTrials,
	insertSweep,
	lockSweep,
	setSweepStatus,
	sweepVersion,
} from './sweep.repository.js';
