import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunSpec } from '@graft/domain/run';
import { createLogger } from '@graft/runtime/logger';
import { selectBackend } from '@graft/training/backend';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answers, type LocalApi, localApi } from '../testing/local-api.js';
import { smallSpec } from '../testing/small-spec.js';
import { executeRun } from './execute-run.js';

const lease = { runId: 'run-1', token: 'secret' };
const lost = { __typename: 'LeaseLost', reason: 'attempt 2 holds it' };
const LONG = 100_000;
let cacheDir: string;
let api: LocalApi | undefined;

beforeAll(async () => {
	await selectBackend('wasm');
	cacheDir = await mkdtemp(path.join(tmpdir(), 'graft-trainer-'));
});
afterEach(() => api?.close());
afterAll(() => rm(cacheDir, { recursive: true }));

async function execute(spec: RunSpec, { answers = {}, shutdown }: { answers?: Answers; shutdown?: AbortSignal } = {}) {
	api = await localApi(answers);
	const outcome = await executeRun({
		client: api.client,
		lease,
		spec,
		heartbeatMs: 4_000,
		cacheDir,
		logger: createLogger('test', 'silent'),
		shutdown: shutdown ?? new AbortController().signal,
		introduction: ['Attempt 1 on worker test.'],
	});
	const finish = api.asked.find(({ operation }) => operation === 'FinishRun')?.variables.input;
	return { outcome, operations: api.operations(), asked: api.asked, finish };
}

describe('executeRun', () => {
	it('trains, reports everything, stores the checkpoint and finishes with the verification', async () => {
		const { outcome, operations, asked, finish } = await execute(await smallSpec(3));
		expect(outcome).toEqual({ kind: 'succeeded' });
		const withoutHeartbeats = operations.filter((name) => name !== 'RenewLease');
		expect(withoutHeartbeats.slice(-4)).toEqual(['BeginArtifact', 'PUT', 'CommitArtifact', 'FinishRun']);
		expect(finish).toMatchObject({
			lease,
			outcome: 'SUCCEEDED',
			verification: { ok: true },
			summary: { testAccuracy: expect.any(Number) },
		});
		const series = asked
			.filter(({ operation }) => operation === 'LogMetrics')
			.flatMap(({ variables }) => (variables.input as { series: { key: string; steps: number[] }[] }).series);
		const steps = series.filter(({ key }) => key === 'train_loss').flatMap(({ steps }) => steps);
		expect(steps).toEqual([1, 2, 3]);
		const lines = asked.flatMap(({ variables }) => (variables.lines as string[] | undefined) ?? []);
		expect(lines[0]).toBe('Attempt 1 on worker test.');
	});

	it('ends a cancelled run as cancelled', async () => {
		const renewLease = { __typename: 'LeaseRenewed', expiresAt: '', cancelRequested: true, pauseRequested: false };
		const { outcome, operations, finish } = await execute(await smallSpec(LONG), {
			answers: { RenewLease: () => ({ renewLease }) },
		});
		expect(outcome).toEqual({ kind: 'cancel' });
		expect(finish).toEqual({ lease, outcome: 'CANCELLED' });
		expect(operations).not.toContain('BeginArtifact');
	});

	it('writes nothing more once the lease is lost', async () => {
		const { outcome, operations } = await execute(await smallSpec(LONG), {
			answers: { LogMetrics: () => ({ logMetrics: lost }) },
		});
		expect(outcome).toMatchObject({ kind: 'abandon', reason: expect.stringContaining('attempt 2 holds it') });
		for (const name of ['BeginArtifact', 'FinishRun', 'ReleaseRun']) expect(operations).not.toContain(name);
		await new Promise((resolve) => setTimeout(resolve, 400));
		expect(api?.operations()).toEqual(operations);
	});

	it('hands the run back when the trainer is asked to stop', async () => {
		const { outcome, asked } = await execute(await smallSpec(LONG), { shutdown: AbortSignal.timeout(300) });
		expect(outcome).toMatchObject({ kind: 'hand-back', troubled: false });
		const released = asked.filter(({ operation }) => operation === 'ReleaseRun');
		expect(released).toMatchObject([{ variables: { lease } }]);
	});

	it('fails a run whose data are not those that were registered', async () => {
		const spec = await smallSpec(3);
		const { outcome, finish } = await execute({ ...spec, dataset: { ...spec.dataset, version: 'other' } });
		expect(outcome).toMatchObject({ kind: 'fail', failure: { kind: 'DATA', retryable: false }, endsProcess: false });
		expect(finish).toMatchObject({ outcome: 'FAILED', failure: { message: expect.stringContaining('have changed') } });
	});

	it('bears broken connections on the whole way', async () => {
		let call = 0;
		const twice = (answer: object) => () => (++call % 2 === 0 ? answer : null);
		const { outcome } = await execute(await smallSpec(2), {
			answers: {
				FinishRun: twice({ finishRun: { __typename: 'RunFinished', run: { id: 'run-1', status: 'SUCCEEDED' } } }),
				BeginArtifact: twice({ beginArtifact: { __typename: 'ArtifactBegun', uploadUrl: null } }),
			},
		});
		expect(outcome).toEqual({ kind: 'succeeded' });
	});
});
