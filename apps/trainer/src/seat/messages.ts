import type { ExecutionOutcome } from '../work/execute-run.js';
import type { Job } from './seat.js';

/** To the process of a seat. `stop`: the trainer leaves; the run is handed back. */
export type ToSeat =
	| { readonly kind: 'job'; readonly job: Job }
	| { readonly kind: 'renew' }
	| { readonly kind: 'stop' };

/** From it. */
export type FromSeat = { readonly kind: 'outcome'; readonly outcome: ExecutionOutcome };
