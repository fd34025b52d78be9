import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';

/** How TensorFlow, V8 and WebAssembly say that memory is full. */
const FULL = /\bOOM\b|out of memory|RESOURCE_EXHAUSTED|Array buffer allocation failed|Cannot enlarge memory/i;

/** What went wrong in a run as a GraftError: its own as they are, full memory with what helps, the rest as a bug. */
export function trainingError(error: unknown, { batchSize }: RunSpec): GraftError {
	const message = error instanceof Error ? error.message : String(error);
	const isGraft = error instanceof GraftError;
	if (isGraft ? error.code === 'OUT_OF_MEMORY' : FULL.test(message)) {
		const advice = `Training ran out of memory with batches of ${batchSize}: use smaller ones (${message})`;
		return new GraftError('OUT_OF_MEMORY', advice, { batchSize }, { cause: error });
	}
	if (isGraft) return error;
	return new GraftError('BUG', `Training failed: ${message}`, {}, { cause: error });
}
