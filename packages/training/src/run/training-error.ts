import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';

/** How TensorFlow, V8 and WebAssembly say that memory is full. */
const FULL =
	/\bOOM\b|out of memory|RESOURCE_EXHAUSTED|bad_alloc|Array buffer allocation failed|Cannot enlarge memory|failed to allocate/i;

export function isOutOfMemory(error: unknown): boolean {
	if (error instanceof GraftError) return error.code === 'OUT_OF_MEMORY';
	return FULL.test(error instanceof Error ? error.message : String(error));
}

/**
 * What is to be thrown when a step found no room: it says which batches would have found it. `attempt` makes such a step,
 * and throws where it fails; the run is over, so that what it does to the weights does not matter. Halves are tried: memory
 * grows with the batch, and what else uses the device moves by more than a finer search would win.
 */
export async function tooLargeBatch(
	error: unknown,
	batchSize: number,
	attempt: (size: number) => Promise<void>,
): Promise<GraftError> {
	const told = `Training ran out of memory with batches of ${batchSize}`;
	const because = error instanceof Error ? error.message : String(error);
	for (let size = Math.floor(batchSize / 2); size >= 1; size = Math.floor(size / 2)) {
		try {
			// Once more: the run's first step makes the optimizer's state, and has more room than all others.
			await attempt(size);
			await attempt(size);
		} catch (cause) {
			if (!isOutOfMemory(cause)) throw cause;
			continue;
		}
		const message = `${told}; batches of ${size} fit, on this worker (${because})`;
		return new GraftError('OUT_OF_MEMORY', message, { batchSize, fits: size }, { cause: error });
	}
	const message = `${told}, and not even one example fits on this worker: it needs more memory, or the run a smaller model or input (${because})`;
	return new GraftError('OUT_OF_MEMORY', message, { batchSize, fits: 0 }, { cause: error });
}

/** What went wrong in a run as a GraftError: its own as they are, full memory with what helps, the rest as a bug. */
export function trainingError(error: unknown, { batchSize }: RunSpec): GraftError {
	const message = error instanceof Error ? error.message : String(error);
	const isKnown = error instanceof GraftError && error.details.fits !== undefined;
	if (isOutOfMemory(error) && !isKnown) {
		const advice = `Training ran out of memory with batches of ${batchSize}: use smaller ones (${message})`;
		return new GraftError('OUT_OF_MEMORY', advice, { batchSize }, { cause: error });
	}
	if (error instanceof GraftError) return error;
	return new GraftError('BUG', `Training failed: ${message}`, {}, { cause: error });
}
