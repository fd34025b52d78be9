import { readAhead } from '../pipeline/read-ahead.js';
import { drawOrder } from './draws.js';
import { batchesAhead, type ExampleBatch, type ExampleSource, pick } from './example-source.js';
import type { PhaseLength } from './recipe.js';
import type { RunContext } from './run-context.js';

/** What one step trains on, before the recipe. */
export interface FedBatch {
	readonly examples: ExampleBatch;
	/** The target's, where the strategy's steps look at them. */
	readonly target: ExampleBatch | null;
	/** Of its epoch. */
	readonly isLast: boolean;
}

/**
 * The batches that are left of a phase, from the state's position on. The next ones are read while one is trained on, beyond
 * the end of an epoch too: which they are depends on seed and epoch alone. `onWait` is told how long each was waited for.
 */
export function batchFeed(
	{ spec, state, adaptation }: Pick<RunContext, 'spec' | 'state' | 'adaptation'>,
	train: ExampleSource,
	{ stepsPerEpoch, epochs }: PhaseLength,
	onWait: (milliseconds: number) => void,
): AsyncGenerator<FedBatch, void, undefined> {
	const { position, step: firstStep } = state;
	const done = position.epochs * stepsPerEpoch + position.batches;
	let drawn: { epoch: number; order: number[] } | null = null;
	const orderOf = (epoch: number): number[] => {
		if (drawn?.epoch !== epoch) drawn = { epoch, order: drawOrder(train.count, spec.seed, epoch) };
		return drawn.order;
	};
	const read = async (index: number): Promise<FedBatch> => {
		const batch = (done + index) % stepsPerEpoch;
		const epoch = position.epochsBefore + Math.floor((done + index) / stepsPerEpoch) + 1;
		const chosen = orderOf(epoch).slice(batch * spec.batchSize, (batch + 1) * spec.batchSize);
		const target = adaptation?.batch(firstStep + index, chosen.length) ?? null;
		const examples = await pick(train, chosen, epoch);
		return { examples, target: await target, isLast: batch === stepsPerEpoch - 1 };
	};
	return readAhead(epochs * stepsPerEpoch - done, batchesAhead(train, spec.batchSize), read, onWait);
}
