import type { BenchApi } from './api.js';

/** A run whose lease the benchmark holds. */
export interface LeasedRun {
	readonly runId: string;
	readonly token: string;
	sequence: number;
	/** Next step of its series. */
	step: number;
}

export async function createExperiment(api: BenchApi, name: string): Promise<string> {
	const { createExperiment: made } = await api.ask<{ createExperiment: { experiment: { id: string } } }>(
		'mutation ($input: CreateExperimentInput!) { createExperiment(input: $input) { ... on ExperimentCreated { experiment { id } } } }',
		{ input: { name, metric: 'loss', direction: 'MINIMIZE' } },
	);
	return made.experiment.id;
}

export async function createRun(api: BenchApi, experimentId: string, config: unknown = {}): Promise<LeasedRun> {
	const { createRun: made } = await api.ask<{ createRun: { lease: { runId: string; token: string } } }>(
		'mutation ($input: CreateRunInput!) { createRun(input: $input) { ... on RunCreated { lease { runId token } } } }',
		{ input: { experimentId, config } },
	);
	return { ...made.lease, sequence: 0, step: 0 };
}

export async function finishRun(api: BenchApi, { runId, token }: LeasedRun): Promise<void> {
	await api.ask('mutation ($input: FinishRunInput!) { finishRun(input: $input) { __typename } }', {
		input: { lease: { runId, token }, outcome: 'SUCCEEDED' },
	});
}

/** Renews the leases as trainers do, until the returned function is called. */
export function keepLeases(api: BenchApi, runs: readonly LeasedRun[]): () => void {
	const renew = 'mutation ($lease: LeaseInput!) { renewLease(lease: $lease) { __typename } }';
	const timer = setInterval(() => {
		for (const { runId, token } of runs) void api.ask(renew, { lease: { runId, token } }).catch(() => undefined);
	}, 4_000);
	return () => clearInterval(timer);
}

export const LOG_METRICS =
	'mutation LogMetrics($input: LogMetricsInput!) { logMetrics(input: $input) { __typename ... on MetricsLogged { duplicate } ... on UserError { message } ... on LeaseLost { reason } } }';

/** The shape of a batch: so many series of so many points, at consecutive steps. */
export interface Shape {
	readonly series: number;
	readonly points: number;
}

const packed = (values: Float64Array): string => Buffer.from(values.buffer).toString('base64');

/**
 * What a training run logs: a loss that falls with noise, as the float32 of a tensor (`full`: all 52 bits of a double),
 * a step at a time, some 20 ms apart with jitter.
 */
export function batchBody(run: LeasedRun, { series, points }: Shape, form: 'base64' | 'json', full = false): string {
	run.sequence += 1;
	const steps = Float64Array.from({ length: points }, (_, at) => run.step + at);
	const times = steps.map((step) => 1_800_000_000_000 + step * 20 + Math.floor(Math.random() * 5));
	const out = form === 'base64' ? packed : (values: Float64Array) => Array.from(values);
	const lists = Array.from({ length: series }, (_, at) => {
		const values = steps.map((step) => {
			const value = (at + 1) / (1 + step / 1000) + Math.random() * 0.1;
			return full ? value : Math.fround(value);
		});
		return { key: `metric_${at}`, steps: out(steps), values: out(values), times: out(times) };
	});
	run.step += points;
	const { runId, token, sequence } = run;
	return JSON.stringify({
		query: LOG_METRICS,
		variables: { input: { lease: { runId, token }, sequence, series: lists } },
	});
}

/** Sends prepared bodies, each run's in order and one at a time; resolves with the seconds it took. */
export async function sendAll(api: BenchApi, bodies: readonly (readonly string[])[]): Promise<number> {
	const began = performance.now();
	await Promise.all(
		bodies.map(async (ofRun) => {
			for (const body of ofRun) {
				const answer = await api.post(body);
				if (!answer.includes('"MetricsLogged"')) throw new Error(answer);
			}
		}),
	);
	return (performance.now() - began) / 1000;
}
