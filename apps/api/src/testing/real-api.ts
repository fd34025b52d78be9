import { createEngine, DEFAULT_ENGINE_SETTINGS, type RunningEngine } from '@graft/engine';
import { createLogger } from '@graft/runtime/logger';
import { expect } from 'vitest';
import { type LocalApi, startLocalApi } from './local-api.js';

export interface Lease {
	readonly runId: string;
	readonly token: string;
}

/** The real server with a real engine behind it, and what trainers and scripts ask of it. */
export interface RealApi extends LocalApi {
	/** The one field of an answer without errors. */
	ask<Result>(query: string, variables?: object): Promise<Result>;
	logMetrics(lease: Lease, sequence: number, series: readonly object[]): Promise<object>;
	finishRun(lease: Lease): Promise<object>;
}

/** What a mutation asks for of each refusal. */
export const userError = '__typename ... on UserError { code message }';
/** The progress that `finishRun` tells. */
export const atEnd = { phase: 1, epoch: 10, epochs: 10, step: 10, steps: 10, etaSeconds: 0 };

export async function startRealApi(database: Parameters<typeof createEngine>[0]['database']): Promise<RealApi> {
	const logger = createLogger('api-test', 'silent');
	let engine: RunningEngine | undefined;
	const api = await startLocalApi((artifactStore) => {
		engine = createEngine({ database, artifactStore, settings: DEFAULT_ENGINE_SETTINGS, logger });
		return engine;
	});
	await engine?.start();
	const ask = async <Result>(query: string, variables: object = {}): Promise<Result> => {
		const { data, errors } = await api.graphql(query, variables as Record<string, unknown>);
		expect(errors).toBeUndefined();
		return Object.values(data)[0] as Result;
	};
	return {
		...api,
		ask,
		close: async () => {
			await api.close();
			await engine?.stop();
		},
		logMetrics: (lease, sequence, series) =>
			ask(
				`mutation ($input: LogMetricsInput!) { logMetrics(input: $input) { ${userError}
					... on MetricsLogged { sequence points duplicate } ... on LeaseLost { reason } } }`,
				{ input: { lease, sequence, series } },
			),
		finishRun: (lease) =>
			ask(
				`mutation ($input: FinishRunInput!) { finishRun(input: $input) { __typename
					... on RunFinished { run { status } } ... on LeaseLost { reason } } }`,
				{ input: { lease, outcome: 'SUCCEEDED', progress: atEnd } },
			),
	};
}
