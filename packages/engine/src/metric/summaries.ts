import { findExperiments } from '@graft/database/experiment';
import { findSummaries, type MetricSeriesEntity } from '@graft/database/metric';
import { findRuns } from '@graft/database/run';
import { type Direction, directionOf, type Experiment } from '@graft/domain/experiment';
import type { MetricSummary, SummaryPoint } from '@graft/domain/metric';
import type { Context } from '../context/context.js';
import { onlyIds } from '../context/storable.js';

/** The experiment's direction for its own metric; for others the name tells: less loss and less error are better. */
export function bestDirection(metric: string, experiment: Pick<Experiment, 'metric' | 'direction'>): Direction {
	if (metric === experiment.metric) return experiment.direction;
	return directionOf(metric);
}

export interface SummaryWanted {
	readonly runId: string;
	readonly metric: string;
	readonly at: SummaryPoint;
}

/** One answer for each wish, in their order; null where the run has no such metric. */
export async function summaries(
	{ database }: Context,
	wanted: readonly SummaryWanted[],
): Promise<readonly (MetricSummary | null)[]> {
	const runIds = onlyIds(wanted.map(({ runId }) => runId));
	const metrics = wanted.map(({ metric }) => metric).filter((metric) => !metric.includes('\0'));
	const [rows, runs] = await Promise.all([
		findSummaries(database, runIds, metrics),
		findRuns(database, [...new Set(runIds)]),
	]);
	const experiments = await findExperiments(database, [...new Set(runs.map(({ experimentId }) => experimentId))]);
	const byId = new Map(experiments.map((experiment) => [experiment.id, experiment]));
	const ofRun = new Map(runs.map((run) => [run.id, byId.get(run.experimentId)]));
	const bySeries = new Map(rows.map((row) => [`${row.runId} ${row.key}`, row]));
	return wanted.map(({ runId, metric, at }) => {
		const row = bySeries.get(`${runId} ${metric}`);
		const experiment = ofRun.get(runId);
		return row === undefined || experiment === undefined ? null : summaryAt(row, at, bestDirection(metric, experiment));
	});
}

export function summaryAt(row: MetricSeriesEntity, at: SummaryPoint, best: Direction): MetricSummary {
	const finite = row.nonFinite === 0;
	if (at === 'LAST') {
		const value = Number.isFinite(row.lastValue) ? row.lastValue : null;
		return { value, step: row.lastStep, finite, checkpointId: row.lastCheckpointId };
	}
	const low = at === 'MIN' || (at === 'BEST' && best === 'MINIMIZE');
	return low
		? { value: row.minValue, step: row.minStep, finite, checkpointId: row.minCheckpointId }
		: { value: row.maxValue, step: row.maxStep, finite, checkpointId: row.maxCheckpointId };
}
