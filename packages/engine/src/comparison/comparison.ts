import { findAttempts } from '@graft/database/attempt';
import { findBackbones } from '@graft/database/backbone';
import { findDatasets } from '@graft/database/dataset';
import { findExperiment } from '@graft/database/experiment';
import { findSummaries } from '@graft/database/metric';
import { findRunsOfExperiment } from '@graft/database/run';
import { type Comparison, type ComparisonRun, compareRuns } from '@graft/domain/comparison';
import type { JsonObject } from '@graft/domain/json';
import type { SummaryPoint } from '@graft/domain/metric';
import type { Attempt, Run } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { bestDirection, summaryAt } from '../metric/summaries.js';

/** Logged by every trainer; what a run cost is told by it. */
const EXAMPLES = 'examples';

/** What the finished runs of an experiment say about a metric; the experiment's own where none is named. */
export async function comparison(
	{ database }: Context,
	query: { readonly experimentId: string; readonly metric: string | null; readonly at: SummaryPoint },
): Promise<Comparison> {
	const experiment = isId(query.experimentId) ? await findExperiment(database, { id: query.experimentId }) : null;
	const metric = query.metric ?? experiment?.metric ?? '';
	if (experiment === null || metric.includes('\0')) return compareRuns([], metric, 'MAXIMIZE');
	const direction = bestDirection(metric, experiment);
	const runs = await findRunsOfExperiment(database, experiment.id, ['SUCCEEDED']);
	const runIds = runs.map(({ id }) => id);
	const [rows, attempts, backbones, datasets] = await Promise.all([
		findSummaries(database, runIds, [metric, EXAMPLES]),
		findAttempts(database, runIds),
		findBackbones(database, distinct(runs.map(({ backboneId }) => backboneId))),
		findDatasets(database, distinct(runs.map(({ datasetId }) => datasetId))),
	]);
	const bySeries = new Map(rows.map((row) => [`${row.runId} ${row.key}`, row]));
	const names = new Map([...backbones, ...datasets].map(({ id, name }) => [id, name]));
	const last = new Map(attempts.map((attempt) => [attempt.runId, attempt]));
	const evidence = runs.map((run): ComparisonRun => {
		const row = bySeries.get(`${run.id} ${metric}`);
		return {
			runId: run.id,
			backboneId: run.backboneId,
			datasetId: run.datasetId,
			backboneName: names.get(run.backboneId ?? '') ?? null,
			datasetName: names.get(run.datasetId ?? '') ?? null,
			strategy: run.strategy,
			conditions: conditionsOf(run),
			seed: run.seed,
			value: row === undefined ? null : summaryAt(row, query.at, direction).value,
			trainableParameters: run.freezePlan?.trainableParameters ?? null,
			seconds: secondsOf(last.get(run.id)),
			compute: computeOf(run, bySeries.get(`${run.id} ${EXAMPLES}`)?.lastValue),
		};
	});
	return compareRuns(evidence, metric, direction);
}

const distinct = (ids: readonly (string | null)[]): string[] => [...new Set(ids.flatMap((id) => id ?? []))];

/** The rest of the config: runs with another batch size or another number of labels are other groups. */
function conditionsOf({ spec, config }: Run): JsonObject | null {
	if (spec === null) return null;
	const { epochs, batchSize, optimizer, training, head, trainExamplesPerClass } = config;
	const conditions = { epochs, batchSize, optimizer, training, head, trainExamplesPerClass };
	return JSON.parse(JSON.stringify(conditions)) as JsonObject;
}

/** Of the last attempt: the ones before it came to nothing. */
function secondsOf(attempt: Attempt | undefined): number | null {
	if (attempt?.endedAt == null) return null;
	return (attempt.endedAt.getTime() - attempt.startedAt.getTime()) / 1000;
}

function computeOf(run: Run, examples: number | undefined): number | null {
	if (run.freezePlan === null || run.spec === null) return null;
	const steps = run.progress?.step ?? null;
	const seen = examples ?? (steps === null ? null : steps * run.spec.batchSize);
	return seen === null ? null : seen * run.freezePlan.stepCost;
}
