import type { Modality } from '@graft/domain/backbone';
import type { DatasetSplit, DatasetStatistics, Task } from '@graft/domain/dataset';
import type { Direction } from '@graft/domain/experiment';
import type { Json, JsonObject } from '@graft/domain/json';
import type { LeaseProof } from '@graft/domain/lease';
import type { Failure, FreezeVerification, Progress, Run, RunStatus } from '@graft/domain/run';
import type { StrategyInput, StrategyKind } from '@graft/domain/strategy';

/** A keyset page, newest first unless a list says otherwise. */
export interface PageRequest {
	readonly first: number;
	readonly after: string | null;
}
export interface Page<T> {
	readonly items: readonly { readonly cursor: string; readonly node: T }[];
	readonly hasNextPage: boolean;
	readonly totalCount: number;
}
/** A page of a list that may be too long to be counted each time. */
export interface CountablePage<T> extends Omit<Page<T>, 'totalCount'> {
	/** Where to go on; it may lie behind the last item. */
	readonly endCursor: string | null;
	/** The search ended at its bound before the page was full: there may be more behind `endCursor`. */
	readonly isPartial: boolean;
	/** Up to 10,000; 10,001 says that there are more. `isLeast`: the count ended at a bound. */
	readonly countTotal: () => Promise<{ readonly count: number; readonly isLeast: boolean }>;
}

/** Exactly one of `fromRunId` (the weights of a finished run), `weightsDigest` (bytes in the store) or neither (random). */
export interface RegisterBackboneInput {
	readonly name: string;
	readonly architecture: string;
	readonly inputShape: readonly number[] | null;
	readonly fromRunId: string | null;
	readonly weightsDigest: string | null;
	/** tokenizer.json in the store; of a backbone that reads text. */
	readonly tokenizerDigest?: string | null;
	readonly source: string | null;
	readonly licence: string | null;
}
export interface RegisterDatasetInput {
	readonly name: string;
	readonly version: string;
	readonly modality: Modality;
	readonly task: Task;
	readonly classes: readonly string[] | null;
	readonly splits: readonly DatasetSplit[];
	readonly inputShape: readonly number[] | null;
	readonly uri: string;
	readonly format: string;
	readonly options: JsonObject;
	readonly attribution: string | null;
	readonly statistics?: DatasetStatistics | null;
}
export interface CreateExperimentInput {
	readonly name: string;
	readonly description: string | null;
	readonly metric: string;
	readonly direction: Direction;
}
/** What a worker must have to be given the runs. */
export interface RequirementsInput {
	readonly backend?: string | null;
	readonly memoryBytes?: number | null;
	readonly labels?: Json;
}
/** An experiment that is there, or one that is made with the launch: exactly one of the two. */
export interface ExperimentOfLaunch {
	readonly experimentId: string | null;
	readonly newExperiment?: CreateExperimentInput | null;
}
export interface LaunchComparisonInput extends ExperimentOfLaunch {
	readonly backboneIds: readonly string[];
	readonly datasetIds: readonly string[];
	/** Unlabelled data that strategies may adapt to; every run is judged on its test split too. */
	readonly targetDatasetId?: string | null;
	readonly strategies: readonly StrategyInput[];
	readonly seeds: readonly number[];
	readonly head: Json;
	readonly epochs: number;
	readonly batchSize: number;
	readonly optimizer: Json;
	readonly training?: Json;
	readonly trainExamplesPerClass: number | null;
	readonly priority: number;
	readonly requires?: RequirementsInput | null;
	readonly tags: readonly string[];
}
/** One backbone, dataset and base strategy; `space` varies fields of them. */
export interface LaunchSweepInput extends ExperimentOfLaunch {
	readonly name: string;
	readonly method: 'GRID' | 'RANDOM';
	readonly space: Json;
	readonly trials: number;
	readonly seed: number;
	readonly base: Omit<
		LaunchComparisonInput,
		keyof ExperimentOfLaunch | 'backboneIds' | 'datasetIds' | 'strategies' | 'seeds'
	> & {
		readonly backboneId: string;
		readonly datasetId: string;
		readonly strategy: StrategyInput;
		readonly seeds: readonly number[];
	};
}
export interface RunFilter {
	readonly experimentId?: string | null;
	readonly sweepId?: string | null;
	readonly status?: readonly RunStatus[] | null;
	readonly strategy?: readonly StrategyKind[] | null;
	readonly backboneIds?: readonly string[] | null;
	readonly datasetIds?: readonly string[] | null;
	readonly tags?: readonly string[] | null;
	/** `config.batchSize < 64 and metric.val_accuracy.best > 0.9` */
	readonly where?: string | null;
	/** Those in the trash; else all others. */
	readonly deleted?: boolean | null;
}
export interface RunOrder {
	/** `queuedAt`, `startedAt`, `finishedAt`, `name`, `status`, `seed`, `tag`, `config.<path>` or `metric.<key>.<best|last|min|max>`. */
	readonly by: string;
	readonly direction: 'ASC' | 'DESC';
}
export interface ListRuns extends PageRequest {
	readonly filter: RunFilter | null;
	readonly orderBy: readonly RunOrder[];
}
export type XAxis = 'STEP' | 'EPOCH' | 'EXAMPLES' | 'WALL_TIME' | 'COMPUTE';
export interface MetricSeriesQuery {
	readonly runIds: readonly string[];
	readonly keys: readonly string[];
	readonly buckets: number;
	/** In units of `x`, both included; null: from the beginning, to the end. By WALL_TIME a step is where its first finite point is. */
	readonly from: number | null;
	readonly to: number | null;
	readonly x: XAxis;
	/** The record as it stood when this attempt was the last one, with what later ones superseded; null: as it stands. */
	readonly attempt?: number | null;
}
export interface MetricBandsQuery {
	readonly experimentId: string;
	readonly key: string;
	/** `strategy`, `backbone`, `dataset` or `config.<path>`. */
	readonly groupBy: readonly string[];
	readonly buckets: number;
	/** In units of `x`; null: from the beginning, to the end. */
	readonly from: number | null;
	readonly to: number | null;
	readonly x: XAxis;
}
export interface MetricBand {
	/** Value of each field of groupBy. */
	readonly group: JsonObject;
	readonly runs: number;
	readonly x: Float64Array;
	readonly mean: Float64Array;
	readonly sd: Float64Array;
	readonly low: Float64Array;
	readonly high: Float64Array;
}

export interface RegisterWorkerInput {
	readonly name: string;
	readonly backend: string;
	readonly backendReason: string | null;
	readonly device: string | null;
	readonly memoryBytes: number | null;
	readonly labels: JsonObject;
	readonly slots: number;
}
export interface RunEventInput {
	/** Made by the sender: a repeated event is recorded once. Absent: it is recorded as often as it comes. */
	readonly id?: string | null;
	readonly kind: string;
	readonly step: number | null;
	readonly message: string;
	readonly data: Json;
}
export interface CommitArtifactInput {
	readonly lease: LeaseProof;
	readonly name: string;
	readonly kind: string;
	readonly bytes: number;
	readonly digest: string;
	readonly step: number | null;
}
export interface BeginArtifactInput extends CommitArtifactInput {
	/** sha256 of each part of UPLOAD_PART_BYTES; null: the file comes in one piece. */
	readonly partDigests: readonly string[] | null;
}
export interface FinishRunInput {
	readonly lease: LeaseProof;
	readonly outcome: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
	readonly failure: Failure | null;
	readonly verification: FreezeVerification | null;
	readonly summary: JsonObject | null;
	/** Where it was at its end; null: where it was when it last told. */
	readonly progress: Progress | null;
	/** Asks for a run for the slot that becomes free; null: for none. */
	readonly next: LeaseAsked | null;
}
export interface LeaseAsked {
	readonly workerId: string;
	/** Of the lease to come: 32 random bytes in base64url. Asked again with the same one, the answer is the same lease. */
	readonly token: string;
}
export interface CreateRunInput {
	readonly experimentId: string;
	readonly name: string | null;
	readonly config: JsonObject;
	readonly backboneId: string | null;
	readonly datasetId: string | null;
	readonly strategy: StrategyInput | null;
	readonly seed: number | null;
	readonly tags: readonly string[];
}
export interface WorkerCommand {
	readonly kind: 'WORK_AVAILABLE' | 'CANCEL_RUN' | 'PAUSE_RUN' | 'DRAIN';
	readonly runId: string | null;
}
export interface RunUpdate {
	readonly cursor: string;
	readonly run: Run;
	/** Fields that changed since the last frame of this run on this stream; `deleted` for a deleted run. */
	readonly changed: readonly string[];
}
export interface LogLinesQuery {
	readonly after: string | null;
	readonly first: number;
	/** Only lines that contain this, in either case; null and the empty text take all. */
	readonly search: string | null;
}
export interface LogLine {
	readonly cursor: string;
	/** In the run, from 1, over all attempts. */
	readonly number: number;
	readonly line: string;
}
export interface LogFrame {
	readonly cursor: string;
	readonly runId: string;
	readonly lines: readonly string[];
}
