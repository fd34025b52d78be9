import { OWN_MEASURE } from '@graft/domain/dataset';
import { type Monitor, PLAIN_TRAINING } from '@graft/domain/recipe';
import type { RunSpec } from '@graft/domain/run';
import { improves } from '@graft/domain/schedule';
import type { DeviceWeights } from '../network/device-weights.js';
import type { Network } from '../network/network.js';
import { changingWeights, keepJudged } from './averages.js';
import { splitNetwork } from './phase-network.js';
import type { TrainingState } from './training-state.js';

/** Owner in `TrainingState.memory` and in `TrainingState.notes`. */
const BEST_OF_RUN = 'best-of-run';

/** The epoch of the whole run whose weights were judged best; the first one of equals. Nulls before the first. */
interface BestNote {
	readonly value: number | null;
	readonly step: number | null;
}

/** What judges the epochs of a run, and the weights that may differ from one to another. */
export interface BestOfRun {
	readonly monitor: Monitor;
	readonly changing: readonly string[];
}

/** Null where no epoch's weights are kept beside the last ones. */
export function createBestOfRun(spec: RunSpec, network: Network): BestOfRun | null {
	const { earlyStopping, keepBest = true } = spec.training ?? PLAIN_TRAINING;
	// ADABN makes its weights out of the last epoch's, and nobody has judged the others so.
	if (!keepBest || spec.strategy.kind === 'ADABN') return null;
	const changing = spec.plan.phases.flatMap((phase) => changingWeights(splitNetwork(network, phase)));
	return {
		monitor: earlyStopping?.monitor ?? `val_${OWN_MEASURE[spec.dataset.task]}`,
		changing: [...new Set(changing)],
	};
}

/** At the start of the run: a checkpoint without this note has not seen all epochs, and can name no best one. */
export function beginBest({ notes }: TrainingState): void {
	notes.set(BEST_OF_RUN, { value: null, step: null });
}

/** Remembers the judged weights where an epoch's metrics are the best of the run so far. */
export function watchBest(
	state: TrainingState,
	best: BestOfRun | null,
	metrics: Readonly<Record<string, number>>,
): void {
	const before = noteOf(state);
	if (best === null || before === null) return;
	const value = metrics[best.monitor] ?? Number.NaN;
	if (!improves(best.monitor, value, before.value, 0)) return;
	state.notes.set(BEST_OF_RUN, { value, step: state.step });
	keepJudged(state, BEST_OF_RUN, best.changing);
}

/** The weights of the best epoch and its step; null where none was judged. */
export function bestWeights(state: TrainingState): { readonly weights: DeviceWeights; readonly step: number } | null {
	const step = noteOf(state)?.step ?? null;
	const best = state.memory.get(BEST_OF_RUN);
	if (step === null || best === undefined) return null;
	return { weights: new Map([...state.weights, ...best]), step };
}

const noteOf = ({ notes }: TrainingState): BestNote | null =>
	(notes.get(BEST_OF_RUN) as unknown as BestNote | undefined) ?? null;
