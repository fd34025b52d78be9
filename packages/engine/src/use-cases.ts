import { findArtifactsByRuns } from '@graft/database/artifact';
import { findAttempts } from '@graft/database/attempt';
import { findBackbone, findBackbones, pageOfBackbones } from '@graft/database/backbone';
import { findDataset, findDatasets, pageOfDatasets } from '@graft/database/dataset';
import { findExperiment, findExperiments, pageOfExperiments } from '@graft/database/experiment';
import { findLastPositions, findMetricKeys } from '@graft/database/metric';
import { countRunsByStatus, findRuns, findRunsByWorkers, readLoad } from '@graft/database/run';
import { findSweep, findSweepsByExperiments } from '@graft/database/sweep';
import { findWorkers } from '@graft/database/worker';
import type { RunStatus } from '@graft/domain/run';
import { beginUpload, finishUpload } from './artifact/begin-upload.js';
import { beginArtifact, commitArtifact } from './artifact/commit-artifact.js';
import { createExperiment } from './catalogue/create-experiment.js';
import { freezePlan } from './catalogue/freeze-plan.js';
import { registerBackbone } from './catalogue/register-backbone.js';
import { registerDataset } from './catalogue/register-dataset.js';
import { comparison } from './comparison/comparison.js';
import type { Context } from './context/context.js';
import { pageById } from './context/page.js';
import { isId, onlyIds } from './context/storable.js';
import type { Engine } from './contract/engine.js';
import { events, recordEvent } from './event/events.js';
import { changeExperiment } from './experiment/change-experiment.js';
import { createRun } from './launch/create-run.js';
import { launchComparison } from './launch/launch-comparison.js';
import { launchSweep } from './launch/launch-sweep.js';
import { finishRun } from './lease/finish-run.js';
import { leaseRun } from './lease/lease-run.js';
import { refuseCheckpoint } from './lease/refuse-checkpoint.js';
import { releaseRun } from './lease/release-run.js';
import { renewLease } from './lease/renew-lease.js';
import { logLines } from './log/log-lines.js';
import { logMetrics } from './metric/log-metrics.js';
import { metricBands } from './metric/metric-bands.js';
import { metricSeries } from './metric/metric-series.js';
import { summaries } from './metric/summaries.js';
import { changeRuns } from './run/change-runs.js';
import { continueRuns } from './run/continue-runs.js';
import { listRuns } from './run/list-runs.js';
import { tagRuns } from './run/tag-runs.js';
import { createFrameMemo } from './stream/frame-memo.js';
import { liveMetrics } from './stream/live-metrics.js';
import { logLineCount, logLinesOf, logStream } from './stream/log-stream.js';
import { metricStream } from './stream/metric-stream.js';
import { runUpdates } from './stream/run-updates.js';
import { sweepUpdates } from './stream/sweep-updates.js';
import { untilPurged } from './stream/until-purged.js';
import { workerCommands } from './stream/worker-commands.js';
import { workerUpdates } from './stream/worker-updates.js';
import { changeSweep } from './sweep/change-sweep.js';
import { drainWorker, registerWorker, workers } from './worker/workers.js';

/** Every use case with its context; what is a plain read is written here, what decides has a file of its own. */
export function useCases(context: Context): Engine {
	const { database, settings, hub, tail: source } = context;
	const memo = createFrameMemo();
	const endsOf = (runIds: readonly string[]) => findLastPositions(database, runIds);
	const of = <T>(
		given: readonly string[],
		signal: AbortSignal,
		open: (runIds: readonly string[], signal: AbortSignal) => AsyncIterableIterator<T>,
	) => {
		const runIds = onlyIds([...new Set(given)]);
		return untilPurged(context, runIds, signal, (ending) => open(runIds, ending));
	};
	return {
		load: () => readLoad(database),

		registerBackbone: (input) => registerBackbone(context, input),
		backbone: async (by) => (isNamed(by) ? findBackbone(database, by) : null),
		backbones: (page) => pageById(page, (at) => pageOfBackbones(database, at)),
		backbonesByIds: (ids) => findBackbones(database, onlyIds(ids)),
		registerDataset: (input) => registerDataset(context, input),
		dataset: async (by) => (isNamed(by) ? findDataset(database, by) : null),
		datasets: (page) => pageById(page, (at) => pageOfDatasets(database, at)),
		datasetsByIds: (ids) => findDatasets(database, onlyIds(ids)),
		freezePlan: (query) => freezePlan(context, query),

		createExperiment: (input) => createExperiment(context, input),
		experiment: async (by) => (isNamed(by) ? findExperiment(database, by) : null),
		experiments: (page, inTrash = false) => pageById(page, (at) => pageOfExperiments(database, at, inTrash)),
		changeExperiment: (id, change) => changeExperiment(context, id, change),
		experimentsByIds: (ids) => findExperiments(database, onlyIds(ids)),
		statusCountsByExperiments: async (ids) => {
			const counts = new Map<string, { status: RunStatus; count: number }[]>();
			for (const { experimentId, ...count } of await countRunsByStatus(database, onlyIds(ids)))
				counts.set(experimentId, [...(counts.get(experimentId) ?? []), count]);
			return counts;
		},
		comparison: (query) => comparison(context, query),
		launchComparison: (input) => launchComparison(context, input),
		launchSweep: (input) => launchSweep(context, input),
		sweep: async (id) => (isId(id) ? findSweep(database, id) : null),
		sweepsByExperiments: (ids) => findSweepsByExperiments(database, onlyIds(ids)),
		changeSweep: (id, to) => changeSweep(context, id, to),
		run: async (id) => (await findRuns(database, onlyIds([id])))[0] ?? null,
		runs: (list) => listRuns(context, list),
		changeRuns: (ids, change) => changeRuns(context, ids, change),
		continueRuns: (ids, epochs) => continueRuns(context, ids, epochs),
		tagRuns: (ids, tags) => tagRuns(context, ids, tags),
		attemptsByRuns: (ids) => findAttempts(database, onlyIds(ids)),
		artifactsByRuns: (ids) => findArtifactsByRuns(database, onlyIds(ids)),
		events: (runId, after, first) => events(context, runId, after, first),

		metricKeysByRuns: async (ids, wanted = { search: null, first: null }) =>
			wanted.search?.includes('\0') ? new Map() : findMetricKeys(database, onlyIds(ids), wanted),
		summaries: (wanted) => summaries(context, wanted),
		metricSeries: (query) => metricSeries(context, query),
		metricBands: (query) => metricBands(context, query),

		registerWorker: (input) => registerWorker(context, input),
		workers: () => workers(context),
		drainWorker: (id) => drainWorker(context, id),
		workersByIds: (ids) => findWorkers(database, onlyIds(ids)),
		runsByWorkers: (ids) => findRunsByWorkers(database, onlyIds(ids)),
		heartbeatSeconds: settings.lease.heartbeatSeconds,
		leaseRun: (workerId, token) => leaseRun(context, workerId, token),
		refuseCheckpoint: (proof, digest, reason) => refuseCheckpoint(context, proof, digest, reason),
		renewLease: (proof, progress) => renewLease(context, proof, progress),
		logMetrics: (proof, batch) => logMetrics(context, proof, batch),
		logLines: (proof, sequence, lines) => logLines(context, proof, sequence, lines),
		recordEvent: (proof, event) => recordEvent(context, proof, event),
		beginUpload: (file) => beginUpload(context, file),
		finishUpload: (file) => finishUpload(context, file),
		beginArtifact: (input) => beginArtifact(context, input),
		commitArtifact: (input) => commitArtifact(context, input),
		finishRun: (input) => finishRun(context, input),
		releaseRun: (proof, reason, failure) => releaseRun(context, proof, reason, failure),
		createRun: (input) => createRun(context, input),

		workerCommands: (workerId, signal) => workerCommands(context, workerId, signal),
		workerUpdates: (signal) => workerUpdates(context, signal),
		runUpdates: (query, signal) =>
			query.runIds === null
				? runUpdates(context, query, signal)
				: of(query.runIds, signal, (_, ending) => runUpdates(context, query, ending)),
		metricStream: (query, signal) =>
			of(query.runIds, signal, (runIds, ending) => metricStream({ hub, source }, { ...query, runIds }, ending)),
		liveMetrics: (query, signal) =>
			of(query.runIds, signal, (runIds, ending) =>
				liveMetrics({ hub, source, memo, endsOf }, { ...query, runIds }, ending),
			),
		logStream: (query, signal) => of([query.runId], signal, (_, ending) => logStream(context, query, ending)),
		sweepUpdates: (query, signal) => sweepUpdates(context, query, signal),
		logLinesOf: (runId, query) => logLinesOf(context, runId, query),
		logLineCount: (runId, search) => logLineCount(context, runId, search),
	};
}

/** An id that could be one of ours, or a name that the database could hold. */
const isNamed = ({ id, name }: { id?: string; name?: string }): boolean =>
	id === undefined ? name !== undefined && !name.includes('\0') : isId(id);
