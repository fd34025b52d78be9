import type { Artifact } from '@graft/domain/artifact';
import type { Backbone } from '@graft/domain/backbone';
import type { Comparison } from '@graft/domain/comparison';
import type { Dataset, Task } from '@graft/domain/dataset';
import type { Conflict, InvalidInput, NotFound, TooLarge } from '@graft/domain/error';
import type { Experiment } from '@graft/domain/experiment';
import type { FreezePlan } from '@graft/domain/freeze-plan';
import type { Lease, LeaseLost, LeaseProof } from '@graft/domain/lease';
import type {
	LiveMetrics,
	MetricBatch,
	MetricBucketSeries,
	MetricFrame,
	MetricSummary,
	SummaryPoint,
} from '@graft/domain/metric';
import type {
	Attempt,
	Failure,
	FreezeVerification,
	Progress,
	Run,
	RunEvent,
	RunSpec,
	RunStatus,
} from '@graft/domain/run';
import type { StrategyInput } from '@graft/domain/strategy';
import type { Sweep } from '@graft/domain/sweep';
import type { Worker } from '@graft/domain/worker';
import type { ArtifactFile, UploadFile, UploadPart } from './artifact-store.js';
import type {
	BeginArtifactInput,
	CommitArtifactInput,
	CountablePage,
	CreateExperimentInput,
	CreateRunInput,
	FinishRunInput,
	LaunchComparisonInput,
	LaunchSweepInput,
	ListRuns,
	LogFrame,
	LogLine,
	LogLinesQuery,
	MetricBand,
	MetricBandsQuery,
	MetricSeriesQuery,
	Page,
	PageRequest,
	RegisterBackboneInput,
	RegisterDatasetInput,
	RegisterWorkerInput,
	RunEventInput,
	RunUpdate,
	WorkerCommand,
} from './inputs.js';
import type { Load } from './telemetry.js';

/** A lease and what to train under it, or nothing for now. */
export type LeaseAnswer =
	| { kind: 'LeasedRun'; lease: Lease; run: Run; spec: RunSpec; resumeFrom: Artifact | null }
	| { kind: 'NothingToDo'; retryAfterSeconds: number; draining: boolean }
	| NotFound
	| InvalidInput;

/** What the API may ask for. One method is one use case and one transaction; refusals are values. */
export interface Engine {
	/** For operators: how deep the queue is, and what trains. */
	load(): Promise<Load>;

	// ---- catalogue ----
	/** Bytes that belong to no run: where their missing parts go, or null where the store has them. */
	beginUpload(
		file: UploadFile,
	): Promise<{ kind: 'UploadBegun'; parts: readonly UploadPart[] | null } | InvalidInput | TooLarge>;
	/** All parts were sent: the store checks the bytes, and holds them from here on. */
	finishUpload(file: ArtifactFile): Promise<{ kind: 'UploadFinished' } | InvalidInput>;
	registerBackbone(input: RegisterBackboneInput): Promise<Backbone | InvalidInput | NotFound | Conflict>;
	backbone(by: { id?: string; name?: string }): Promise<Backbone | null>;
	backbones(page: PageRequest): Promise<Page<Backbone>>;
	backbonesByIds(ids: readonly string[]): Promise<readonly Backbone[]>;
	registerDataset(input: RegisterDatasetInput): Promise<Dataset | InvalidInput | Conflict>;
	dataset(by: { id?: string; name?: string }): Promise<Dataset | null>;
	datasets(page: PageRequest): Promise<Page<Dataset>>;
	datasetsByIds(ids: readonly string[]): Promise<readonly Dataset[]>;
	freezePlan(input: {
		backboneId: string;
		strategy: StrategyInput;
		classes: number;
		epochs: number;
		/** Missing: a classification. */
		task?: Task;
	}): Promise<FreezePlan | InvalidInput | NotFound>;

	// ---- experiments, runs, sweeps ----
	createExperiment(input: CreateExperimentInput): Promise<Experiment | InvalidInput | Conflict>;
	experiment(by: { id?: string; name?: string }): Promise<Experiment | null>;
	/** Those in the trash, or all others. */
	experiments(page: PageRequest, inTrash?: boolean): Promise<Page<Experiment>>;
	changeExperiment(id: string, change: 'delete' | 'restore'): Promise<Experiment | NotFound | Conflict>;
	experimentsByIds(ids: readonly string[]): Promise<readonly Experiment[]>;
	/** Only statuses that occur; deleted runs do not count. */
	statusCountsByExperiments(
		experimentIds: readonly string[],
	): Promise<ReadonlyMap<string, readonly { status: RunStatus; count: number }[]>>;
	comparison(query: { experimentId: string; metric: string | null; at: SummaryPoint }): Promise<Comparison>;
	launchComparison(input: LaunchComparisonInput): Promise<readonly Run[] | InvalidInput | NotFound | TooLarge>;
	launchSweep(input: LaunchSweepInput): Promise<Sweep | InvalidInput | NotFound | TooLarge>;
	sweep(id: string): Promise<Sweep | null>;
	sweepsByExperiments(experimentIds: readonly string[]): Promise<readonly Sweep[]>;
	/** Pause, resume or stop: what is queued waits, goes on, or is cancelled; running trials finish. */
	changeSweep(id: string, to: 'PAUSED' | 'RUNNING' | 'STOPPED'): Promise<Sweep | NotFound | Conflict>;
	run(id: string): Promise<Run | null>;
	runs(list: ListRuns): Promise<CountablePage<Run> | InvalidInput>;
	/** All or none: an unknown id or a run that does not allow the change refuses the whole list. */
	changeRuns(
		ids: readonly string[],
		change: 'cancel' | 'retry' | 'pause' | 'resume' | 'delete' | 'restore',
	): Promise<readonly Run[] | NotFound | Conflict>;
	/** Runs that have succeeded train for so many epochs more, from the checkpoint of their end. All or none. */
	continueRuns(ids: readonly string[], epochs: number): Promise<readonly Run[] | NotFound | Conflict | InvalidInput>;
	tagRuns(
		ids: readonly string[],
		tags: { add: readonly string[]; remove: readonly string[] },
	): Promise<readonly Run[] | NotFound | InvalidInput>;
	attemptsByRuns(runIds: readonly string[]): Promise<readonly Attempt[]>;
	artifactsByRuns(runIds: readonly string[]): Promise<readonly Artifact[]>;
	events(runId: string, after: string | null, first: number): Promise<readonly (RunEvent & { cursor: string })[]>;

	// ---- metrics ----
	/** By name; `search`: those that contain it, in either case; `first`: so many of each run at the most. */
	metricKeysByRuns(
		runIds: readonly string[],
		wanted?: { readonly search: string | null; readonly first: number | null },
	): Promise<ReadonlyMap<string, readonly string[]>>;
	/** BEST follows the experiment's direction for its own metric, and for others the metric's name (loss, error: less). */
	summaries(
		wanted: readonly { runId: string; metric: string; at: SummaryPoint }[],
	): Promise<readonly (MetricSummary | null)[]>;
	metricSeries(query: MetricSeriesQuery): Promise<readonly MetricBucketSeries[] | InvalidInput | TooLarge>;
	metricBands(query: MetricBandsQuery): Promise<readonly MetricBand[] | InvalidInput>;

	// ---- trainer side ----
	registerWorker(input: RegisterWorkerInput): Promise<{ worker: Worker; heartbeatSeconds: number } | InvalidInput>;
	workers(): Promise<readonly Worker[]>;
	/** It finishes the runs that it holds, takes no more, and ends. Asked again, the answer is the same. */
	drainWorker(id: string): Promise<Worker | NotFound>;
	workersByIds(ids: readonly string[]): Promise<readonly Worker[]>;
	runsByWorkers(workerIds: readonly string[]): Promise<readonly (Run & { workerId: string })[]>;
	readonly heartbeatSeconds: number;
	/** `token`: of the lease to come. Asked again with the same one, the answer is the same lease. */
	leaseRun(workerId: string, token?: string): Promise<LeaseAnswer>;
	/** The checkpoint `resumeFrom` of this digest is broken: it is dropped, and the one before it answered, or null. */
	refuseCheckpoint(
		proof: LeaseProof,
		digest: string,
		reason: string,
	): Promise<{ kind: 'CheckpointRefused'; resumeFrom: Artifact | null } | LeaseLost | InvalidInput>;
	renewLease(
		proof: LeaseProof,
		progress: Progress | null,
	): Promise<{ kind: 'LeaseRenewed'; expiresAt: Date; cancelRequested: boolean; pauseRequested: boolean } | LeaseLost>;
	logMetrics(
		proof: LeaseProof,
		batch: MetricBatch,
	): Promise<
		| { kind: 'MetricsLogged'; sequence: number; points: number; duplicate: boolean }
		| LeaseLost
		| InvalidInput
		| TooLarge
	>;
	logLines(
		proof: LeaseProof,
		sequence: number,
		lines: readonly string[],
	): Promise<{ kind: 'LinesLogged'; sequence: number; duplicate: boolean } | LeaseLost | InvalidInput | TooLarge>;
	recordEvent(
		proof: LeaseProof,
		event: RunEventInput,
	): Promise<(RunEvent & { cursor: string }) | LeaseLost | InvalidInput>;
	/** Announces a file: where its missing parts go; null: the store has these bytes already, commit at once. */
	beginArtifact(
		input: BeginArtifactInput,
	): Promise<{ kind: 'ArtifactBegun'; parts: readonly UploadPart[] | null } | LeaseLost | InvalidInput | TooLarge>;
	/** The bytes are in the store with this digest: the artifact becomes part of the run. */
	commitArtifact(input: CommitArtifactInput): Promise<Artifact | LeaseLost | InvalidInput>;
	/** `next`: what leaseRun answers, decided with the end in one transaction; null where it was not asked for. */
	finishRun(input: FinishRunInput): Promise<{ kind: 'RunFinished'; run: Run; next: LeaseAnswer | null } | LeaseLost>;
	/** With a failure the attempt counts as one that failed (retry-policy.ts); without one the run is unharmed. */
	releaseRun(proof: LeaseProof, reason: string, failure?: Failure | null): Promise<Run | LeaseLost>;
	createRun(input: CreateRunInput): Promise<{ kind: 'RunCreated'; run: Run; lease: Lease } | InvalidInput | NotFound>;

	// ---- streams: each ends when the signal aborts; a reader that does not pull costs no memory ----
	workerCommands(workerId: string, signal: AbortSignal): AsyncIterable<WorkerCommand>;
	/** All workers, at once and then whenever something about one has changed. */
	workerUpdates(signal: AbortSignal): AsyncIterable<readonly Worker[]>;
	runUpdates(
		query: { experimentId: string | null; runIds: readonly string[] | null; after: string | null },
		signal: AbortSignal,
	): AsyncIterable<RunUpdate>;
	metricStream(
		query: { runIds: readonly string[]; keys: readonly string[] | null; after: string | null },
		signal: AbortSignal,
	): AsyncIterable<MetricFrame>;
	/** The same with everything that is new at one moment in one frame; without `replay` and `after` only what comes next. */
	liveMetrics(
		query: { runIds: readonly string[]; keys: readonly string[] | null; after: string | null; replay: boolean },
		signal: AbortSignal,
	): AsyncIterable<LiveMetrics>;
	logStream(query: { runId: string; after: string | null }, signal: AbortSignal): AsyncIterable<LogFrame>;
	sweepUpdates(
		query: { sweepId: string; after: string | null },
		signal: AbortSignal,
	): AsyncIterable<{ cursor: string; sweep: Sweep }>;
	logLinesOf(runId: string, query: LogLinesQuery): Promise<readonly LogLine[]>;
	/** How many lines contain a text, or how many there are. */
	logLineCount(runId: string, search: string | null): Promise<number>;
}

export type { Failure, FreezeVerification };
