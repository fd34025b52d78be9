import type { Backbone } from '../backbone/index.js';
import type { Dataset } from '../dataset/index.js';
import type { FreezePlan } from '../freeze-plan/index.js';
import type { Json, JsonObject } from '../json/index.js';
import type { TrainingSpec } from '../recipe/recipe.js';
import type { Strategy } from '../strategy/index.js';
import type { RunRequirements } from '../worker/requirements.js';
import type { RunStatus } from './run-status.js';

/** Whose form of an optimizer it is, where they differ; a spec without one means Keras'. */
export type OptimizerConvention = 'keras' | 'torch';

export type OptimizerSpec =
	| {
			/** `adamw` is Adam whose weight decay is 0.004 (Keras) or 0.01 (torch) unless the run says another. */
			readonly kind: 'adam' | 'adamw';
			readonly convention?: OptimizerConvention;
			readonly beta1: number;
			readonly beta2: number;
			/** Keras: beside the root of the uncorrected mean square ("epsilon hat"). torch: beside that of the corrected one. */
			readonly epsilon: number;
	  }
	| {
			readonly kind: 'sgd';
			/** Keras' velocity holds the rate, torch's does not: they differ where the rate changes. */
			readonly convention?: OptimizerConvention;
			readonly momentum: number;
			readonly nesterov: boolean;
	  }
	| {
			readonly kind: 'rmsprop';
			readonly convention?: OptimizerConvention;
			/** Share of the mean square that stays (torch: alpha). */
			readonly rho: number;
			readonly momentum: number;
			/** Keras: under the root. torch: beside it. */
			readonly epsilon: number;
	  };

export const ACTIVATIONS = ['relu', 'tanh', 'gelu', 'linear'] as const;
export type Activation = (typeof ACTIVATIONS)[number];

/** A dense layer of the head; a plain number is that many units with relu and without dropout. */
export type HiddenLayer =
	| number
	| { readonly units: number; readonly activation: Activation; readonly dropout: number };

/** What stands on the backbone: pooling, dropout, hidden dense layers, dropout, then one unit a class or a single one. */
export interface HeadSpec {
	readonly pooling: 'average' | 'max' | 'flatten';
	/** Of the pooled features, before the first hidden layer. */
	readonly inputDropout?: number;
	/** Each with its own activation, and dropout after it. */
	readonly hidden: readonly HiddenLayer[];
	/** Before the last layer. */
	readonly dropout: number;
	/** What a regression minimises; mean squared error where it is missing. All else takes cross-entropy. */
	readonly loss?: 'mse' | 'mae';
	/**
	 * Language modelling, whose head has nothing else: whether tokens are scored by the table of the embeddings, or by one of
	 * its own, which begins as a copy. Where it is missing, the strategy decides (`isTied`).
	 */
	readonly tied?: boolean;
}

type RunDataset = Pick<
	Dataset,
	'id' | 'name' | 'version' | 'task' | 'classes' | 'splits' | 'input' | 'uri' | 'format' | 'options'
>;

/** Everything that a trainer needs to know; with the seed it determines the result on one back end. */
export interface RunSpec {
	readonly version: 1;
	readonly backbone: Pick<Backbone, 'id' | 'name' | 'architecture' | 'weightsDigest' | 'layerGroups' | 'input'>;
	readonly dataset: RunDataset;
	/** Its train split is seen without labels (ADABN, DEEP_CORAL, MMD, DANN); its test split is judged at the end. */
	readonly target?: RunDataset;
	readonly strategy: Strategy;
	readonly plan: FreezePlan;
	readonly head: HeadSpec;
	readonly optimizer: OptimizerSpec;
	/** Missing in runs from before there were any such settings. */
	readonly training?: TrainingSpec;
	readonly epochs: number;
	readonly batchSize: number;
	readonly seed: number;
	/** Labels a class that training may see, drawn by the seed; null: all of the train split. */
	readonly trainExamplesPerClass: number | null;
	/** How many of the plan's last phases were added after the run had succeeded; missing: none. */
	readonly continuations?: number;
}

export interface Progress {
	readonly phase: number | null;
	readonly epoch: number | null;
	readonly epochs: number | null;
	readonly step: number | null;
	readonly steps: number | null;
	readonly etaSeconds: number | null;
}

export interface Failure {
	/** OUT_OF_MEMORY, DATA, DIVERGED, PLAN_VIOLATED, BUG, UNAVAILABLE, LEASE_EXPIRED, TOO_MANY_ATTEMPTS. */
	readonly kind: string;
	readonly message: string;
	readonly retryable: boolean;
}

export interface GroupVerification {
	readonly group: string;
	/** As the plan has it: `frozen`, or what trains. */
	readonly planned: string;
	readonly changed: boolean;
	readonly maxAbsDelta: number;
	readonly batchNormMoved: boolean;
}
/** What the weights say after training, compared with the start of the run. */
export interface FreezeVerification {
	readonly ok: boolean;
	readonly groups: readonly GroupVerification[];
}

export interface Run {
	readonly id: string;
	readonly name: string;
	readonly status: RunStatus;
	readonly experimentId: string;
	readonly backboneId: string | null;
	readonly datasetId: string | null;
	readonly sweepId: string | null;
	readonly strategy: Strategy | null;
	readonly freezePlan: FreezePlan | null;
	/** What a trainer carries out; null for a run that a script trains by itself (createRun). */
	readonly spec: RunSpec | null;
	/** What the user sees and filters by. */
	readonly config: JsonObject;
	readonly seed: number | null;
	readonly tags: readonly string[];
	readonly priority: number;
	/** What a worker must have to be given it. */
	readonly requires: RunRequirements;
	readonly progress: Progress | null;
	readonly failure: Failure | null;
	readonly verification: FreezeVerification | null;
	readonly queuedAt: Date;
	readonly startedAt: Date | null;
	readonly finishedAt: Date | null;
	readonly deletedAt: Date | null;
	readonly cancelRequestedAt: Date | null;
	readonly pauseRequestedAt: Date | null;
	/** A queued run that failed before is offered to nobody until then; null: it waits for a worker only. */
	readonly retryAt: Date | null;
	/** Counts every change of the row; a frame of runUpdates carries one revision. */
	readonly revision: number;
}

export interface Attempt {
	readonly runId: string;
	/** From 1. */
	readonly number: number;
	readonly workerId: string | null;
	readonly startedAt: Date;
	readonly leaseExpiresAt: Date;
	readonly endedAt: Date | null;
	/** SUCCEEDED, FAILED, CANCELLED, RELEASED, EXPIRED; null while it lives. */
	readonly outcome: string | null;
	/** Points of earlier attempts after this step are superseded; null: this attempt began anew and supersedes all. */
	readonly resumedFromStep: number | null;
}

export interface RunEvent {
	readonly runId: string;
	/** Position in the run's own event list, from 1. */
	readonly position: number;
	readonly attempt: number;
	readonly kind: string;
	readonly step: number | null;
	readonly at: Date;
	readonly message: string;
	readonly data: Json;
}
