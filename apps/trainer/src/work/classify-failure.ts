import { GraftError } from '@graft/domain/error';
import type { Failure } from '@graft/domain/run';

/** What becomes of a run whose training did not reach the end. */
export type FailureDecision =
	/** The run has failed. `endsProcess`: this process can train nothing more and should be replaced. */
	| { readonly kind: 'fail'; readonly failure: Failure; readonly endsProcess: boolean }
	/** The run is as good as before; somebody else (or we, later) may take it. */
	| { readonly kind: 'hand-back'; readonly reason: string; readonly troubled: boolean }
	| { readonly kind: 'cancel' }
	/** The run is not ours any more: write nothing. */
	| { readonly kind: 'abandon'; readonly reason: string };

/** How the back ends say that memory ran out: V8, WebAssembly, TensorFlow's allocator. */
const OUT_OF_MEMORY =
	/out of memory|\bOOM\b|allocation failed|failed to allocate|cannot enlarge memory|memory access out of bounds/i;

/** The one place where a failure of a run is judged. */
export function classifyFailure(error: unknown): FailureDecision {
	const message = error instanceof Error ? error.message : String(error);
	const known = error instanceof GraftError ? error.code : codeOf(error, message);
	switch (known) {
		case 'LEASE_LOST':
		case 'NOT_FOUND':
			return { kind: 'abandon', reason: message };
		case 'CANCELLED':
			return { kind: 'cancel' };
		case 'SHUTDOWN':
			return { kind: 'hand-back', reason: message, troubled: false };
		case 'UNAVAILABLE':
		case 'BACK_PRESSURE':
		case 'CONFIGURATION':
			return { kind: 'hand-back', reason: message, troubled: true };
		case 'OUT_OF_MEMORY':
			// A WebAssembly heap that failed to grow stays broken, and a worker with more memory may succeed.
			return { kind: 'fail', failure: { kind: known, message, retryable: true }, endsProcess: true };
		case 'DATA':
		case 'DIVERGED':
		case 'PLAN_VIOLATED':
		case 'BUG':
			return { kind: 'fail', failure: { kind: known, message, retryable: false }, endsProcess: false };
	}
}

function codeOf(error: unknown, message: string): GraftError['code'] {
	if (OUT_OF_MEMORY.test(message)) return 'OUT_OF_MEMORY';
	const systemCode = (error as { code?: unknown } | null)?.code;
	if (systemCode === 'ENOSPC' || systemCode === 'EACCES' || systemCode === 'EROFS') return 'UNAVAILABLE';
	return 'BUG';
}
