import { startApi } from '../../support/api-process.js';
import { call } from './post.js';
import type { Batch, Tracker } from './tracker.js';

/** Graft as a script in any language uses it: one API process, JSON over HTTP. */
export async function startGraft(databaseUrl: string, dataDir: string): Promise<Tracker> {
	const api = await startApi({ databaseUrl, dataDir, env: { GRAFT_LOG_LEVEL: 'error' } });
	async function ask<T>(query: string, variables: unknown): Promise<T> {
		const { data, errors } = await call<{ data: T; errors?: unknown }>('POST', `${api.url}/graphql`, {
			query,
			variables,
		});
		if (errors !== undefined) throw new Error(JSON.stringify(errors));
		return data;
	}
	const { createExperiment } = await ask<{ createExperiment: { experiment: { id: string } } }>(
		'mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on ExperimentCreated { experiment { id } } } }',
		{ input: { name: 'peers', metric: 'metric_0' } },
	);
	const experimentId = createExperiment.experiment.id;
	const leases = new Map<string, { runId: string; token: string }>();
	return {
		name: 'Graft',
		async createRun(lr) {
			const { createRun } = await ask<{ createRun: { lease: { runId: string; token: string } } }>(
				'mutation ($input: CreateRunInput!) { createRun(input: $input) { ... on RunCreated { lease { runId token } } } }',
				{ input: { experimentId, config: { lr } } },
			);
			leases.set(createRun.lease.runId, createRun.lease);
			return createRun.lease.runId;
		},
		async logBatch(run, { number, keys, firstStep, values }: Batch) {
			const each = values.length / keys;
			const steps = Array.from({ length: each }, (_, at) => firstStep + at);
			const now = Date.now();
			const series = Array.from({ length: keys }, (_, key) => ({
				key: `metric_${key}`,
				steps,
				values: values.slice(key * each, (key + 1) * each),
				times: steps.map(() => now),
			}));
			const { logMetrics } = await ask<{ logMetrics: { __typename: string } }>(
				'mutation ($input: LogMetricsInput!) { logMetrics(input: $input) { __typename } }',
				{ input: { lease: leases.get(run), sequence: number, series } },
			);
			if (logMetrics.__typename !== 'MetricsLogged') throw new Error(logMetrics.__typename);
		},
		async readSeries(run) {
			const { metricSeries } = await ask<{ metricSeries: { mean: unknown[] }[] }>(
				'query ($ids: [ID!]!) { metricSeries(runIds: $ids, keys: ["metric_0"], buckets: 10000) { steps mean } }',
				{ ids: [run] },
			);
			return metricSeries[0]?.mean.length ?? 0;
		},
		async searchRuns() {
			const { runs } = await ask<{ runs: { nodes: unknown[] } }>(
				'query ($filter: RunFilter!) { runs(first: 50, filter: $filter, orderBy: [{ by: "metric.metric_0.last", direction: DESC }]) { nodes { id name status config } } }',
				{ filter: { experimentId, where: 'config.lr > 0.5' } },
			);
			return runs.nodes.length;
		},
		stop: () => api.stop(),
	};
}
