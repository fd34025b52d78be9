import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import * as tf from '@tensorflow/tfjs-core';
import type { CheckpointOrigin } from '../checkpoint/checkpoint.js';
import { digestSpec, digestStart } from '../checkpoint/digest.js';
import { type Checkpoint, readCheckpoint, writeCheckpoint } from '../checkpoint/index.js';
import { toDevice, toHost } from '../network/device-weights.js';
import type { HostWeights } from '../network/initial-weights.js';
import type { CheckpointRequest } from './train-request.js';
import { createState, type TrainingState } from './training-state.js';

/** Takes checkpoints of a run's state while it trains. */
export interface Checkpointing {
	/** Step of the last checkpoint, of this attempt or the one it resumed from; null before the first. */
	readonly lastStep: number | null;
	/**
	 * Takes one if one is due, or, at the end of a phase, in any case that it is wanted. To be called only where every
	 * point up to the state's step is told and no further one of this step will be: who resumes tells those after it.
	 */
	offer(isPhaseEnd?: boolean): Promise<void>;
	/** Takes one now unless the last one is of this very state: the run is about to be left. */
	take(): Promise<void>;
}

export interface CheckpointingOptions {
	readonly spec: RunSpec;
	/** The weights that the run began with. */
	readonly start: HostWeights;
	readonly state: TrainingState;
	readonly request: CheckpointRequest | undefined;
	readonly resumed: boolean;
	/** Seconds that the run has trained. */
	readonly elapsed: () => number;
	/** Called with the weights of each checkpoint: what is broken is no checkpoint. @throws what ends the run. */
	readonly inspect: (weights: HostWeights) => void;
}

export function createCheckpointing(options: CheckpointingOptions): Checkpointing {
	const { spec, start, state, request, elapsed, inspect } = options;
	let last = options.resumed ? { step: state.step, position: state.position } : null;
	let origin: CheckpointOrigin | null = null;
	const isSame = () => last?.step === state.step && last.position === state.position;

	async function take(): Promise<void> {
		if (request === undefined || isSame() || state.step === 0) return;
		origin ??= originOf(spec, start);
		const checkpoint = await capture(state, origin, elapsed());
		inspect(checkpoint.weights);
		last = { step: checkpoint.step, position: checkpoint.position };
		request.onCheckpoint(writeCheckpoint(checkpoint), checkpoint.step);
	}

	return {
		get lastStep() {
			return last?.step ?? null;
		},
		take,
		offer: async (isPhaseEnd = false) => {
			if (request === undefined) return;
			const { everySteps, isWanted = () => true } = request;
			const isDue = Math.floor(state.step / everySteps) > Math.floor((last?.step ?? 0) / everySteps);
			if ((isDue || isPhaseEnd) && isWanted({ step: state.step, isPhaseEnd })) await take();
		},
	};
}

const originOf = (spec: RunSpec, start: HostWeights): CheckpointOrigin => ({
	spec: digestSpec(spec),
	start: digestStart(start),
	backend: tf.getBackend(),
});

async function capture(state: TrainingState, origin: CheckpointOrigin, seconds: number): Promise<Checkpoint> {
	const optimizer = new Map<string, { updates: number; slots: HostWeights }>();
	for (const [name, { updates, slots }] of state.optimizer) {
		optimizer.set(name, { updates, slots: await toHost(new Map(Object.entries(slots))) });
	}
	const memory = new Map<string, HostWeights>();
	for (const [owner, weights] of state.memory) memory.set(owner, await toHost(weights));
	const { step, position, notes } = state;
	return { origin, step, position, seconds, weights: await toHost(state.weights), optimizer, memory, notes };
}

/** The state that a run goes on with, and the seconds that it has trained: those of the checkpoint, or the start. */
export function resumeState(
	spec: RunSpec,
	start: HostWeights,
	file: Uint8Array | null,
): { readonly state: TrainingState; readonly seconds: number; readonly backend: string } {
	if (file === null) return { state: createState(start), seconds: 0, backend: tf.getBackend() };
	const checkpoint = usable(file, spec, start);
	const { step, seconds, origin } = checkpoint;
	// A run that is continued after its end is tested again at its new one.
	const isContinued = checkpoint.position.phase < spec.plan.phases.length;
	const position = isContinued ? { ...checkpoint.position, test: null } : checkpoint.position;
	const state: TrainingState = { ...createState(new Map()), weights: toDevice(checkpoint.weights), step, position };
	for (const [name, { updates, slots }] of checkpoint.optimizer) {
		state.optimizer.set(name, { updates, slots: Object.fromEntries(toDevice(slots)) });
	}
	for (const [owner, weights] of checkpoint.memory) state.memory.set(owner, toDevice(weights));
	for (const [owner, note] of checkpoint.notes) state.notes.set(owner, note);
	return { state, seconds, backend: origin.backend };
}

/** Mark in the details of the error that a checkpoint is refused with. */
const UNUSABLE = 'checkpoint';

/** Whether it is the checkpoint to resume from that is of no use, and not the run: with another one, or none, it can go on. */
export const isUnusableCheckpoint = (error: unknown): error is GraftError =>
	error instanceof GraftError && error.details.unusable === UNUSABLE;

function usable(file: Uint8Array, spec: RunSpec, start: HostWeights): Checkpoint {
	try {
		const checkpoint = readCheckpoint(file);
		checkOrigin(checkpoint, originOf(spec, start), start);
		return checkpoint;
	} catch (error) {
		if (!(error instanceof GraftError && error.code === 'DATA')) throw error;
		throw new GraftError('DATA', error.message, { ...error.details, unusable: UNUSABLE }, { cause: error });
	}
}

/** @throws GraftError DATA where the checkpoint is another run's, or the start is not what it was. */
function checkOrigin({ origin, weights }: Checkpoint, now: CheckpointOrigin, start: HostWeights): void {
	if (origin.spec !== now.spec) {
		throw new GraftError('DATA', 'The checkpoint is of another run: its settings are not those of this one.');
	}
	// The verification at the end compares with the start of the run, drawn and loaded anew by each attempt.
	if (origin.start !== now.start) {
		throw new GraftError('DATA', 'The run began with other weights than it would begin with now.', {
			begun: origin.start,
			found: now.start,
		});
	}
	const wrong = [...start.keys()].filter((name) => !weights.has(name));
	if (wrong.length > 0) throw new GraftError('DATA', `The checkpoint lacks ${wrong.join(', ')}.`, { wrong });
}
