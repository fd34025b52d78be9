export { continueSpec, launchedSpec, whyNotContinued } from './continue-spec.js';
export { afterFailure, RETRY_RULES, type RetryDecision, type RetryRule } from './retry-policy.js';
export type {
	Activation,
	Attempt,
	Failure,
	FreezeVerification,
	GroupVerification,
	HeadSpec,
	HiddenLayer,
	OptimizerConvention,
	OptimizerSpec,
	Progress,
	Run,
	RunEvent,
	RunSpec,
} from './run.js';
export { ACTIVATIONS } from './run.js';
export type { RunStatus, RunTransition } from './run-status.js';
export { isTerminal, nextStatus, RUN_STATUSES, RUN_TRANSITIONS, TERMINAL_STATUSES } from './run-status.js';
