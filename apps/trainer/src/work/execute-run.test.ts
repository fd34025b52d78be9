import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { decodeList } from '@graft/client/node';
import type { RunSpec } from '@graft/domain/run';
import { createLogger } from '@graft/runtime/logger';
import { selectBackend } from '@graft/training/backend';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { localCheckpoints } from '../checkpoint/local-checkpoints.js';
import type { OfferedCheckpoint } from '../checkpoint/open-checkpoint.js';
import { type Answers, type Asked, begun, type LocalApi, localApi } from '../testing/local-api.js';
import { smallSpec } from '../testing/small-spec.js';
import { executeRun } from './execute-run.js';

const lease = { runId: 'run-1', token: 'secret' };
const next = { workerId: 'w', token: 'of the next' };
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

/** Files of this machine: another folder is another machine. */
const filesOf = (machine: string) => localCheckpoints(path.join(cacheDir, 'checkpoints', machine));

interface Setting {
	readonly answers?: Answers;
	readonly shutdown?: AbortSignal;
	readonly machine?: string;
	readonly everySteps?: number;
	readonly resumeFrom?: OfferedCheckpoint;
	/** What the API's store holds. */
	readonly stored?: ReadonlyMap<string, Uint8Array>;
}

async function execute(spec: RunSpec, setting: Setting = {}) {
	const { answers = {}, shutdown, machine = 'a', everySteps = LONG, resumeFrom = null, stored = new Map() } = setting;
	await api?.close();
	api = await localApi(answers);
	for (const [digest, bytes] of stored) api.files.set(digest, bytes);
	const outcome = await executeRun({
		client: api.client,
		lease,
		next,
		spec,
		resumeFrom,
		checkpoints: { files: filesOf(machine), pace: { everySteps, everyMs: 3_600_000 } },
		heartbeatMs: 4_000,
		cacheDir,
		logger: createLogger('test', 'silent'),
		shutdown: shutdown ?? new AbortController().signal,
		introduction: ['Attempt 1 on worker test.'],
	});
	const finish = api.asked.find(({ operation }) => operation === 'FinishRun')?.variables.input;
	return { outcome, operations: api.operations(), asked: api.asked, files: api.files, finish };
}

interface Committed {
	readonly name: string;
	readonly kind: string;
	readonly digest: string;
	readonly bytes: number;
	readonly step: number;
}
/** The artifacts that became part of the run, in their order. */
const committed = (asked: readonly Asked[]) =>
	asked.filter(({ operation }) => operation === 'CommitArtifact').map(({ variables }) => variables.input as Committed);

/** Every point that was told: key, step and value, sorted. */
const points = (asked: readonly Asked[]) =>
	asked
		.filter(({ operation }) => operation === 'LogMetrics')
		.flatMap(
			({ variables }) => (variables.input as { series: { key: string; steps: string; values: string }[] }).series,
		)
		.flatMap(({ key, steps, values }) => {
			const numbers = decodeList(values);
			return [...decodeList(steps)].map((step, index) => `${key} ${step} ${numbers[index]}`);
		})
		.sort();

describe('executeRun', () => {
	it('trains, reports everything, stores the checkpoint and finishes with the verification', async () => {
		const { outcome, operations, asked, finish } = await execute(await smallSpec(3));
		expect(outcome).toEqual({ kind: 'succeeded', next: null });
		const withoutHeartbeats = operations.filter((name) => name !== 'RenewLease');
		expect(withoutHeartbeats.slice(-5)).toEqual([
			'BeginArtifact',
			'PUT',
			'FinishUpload',
			'CommitArtifact',
			'FinishRun',
		]);
		expect(committed(asked).filter(({ kind }) => kind === 'checkpoint')).toMatchObject([
			{ name: 'best', step: expect.any(Number) },
			{ name: 'final', step: 3 },
		]);
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
		expect(outcome).toEqual({ kind: 'cancel', next: null });
		expect(finish).toEqual({ lease, outcome: 'CANCELLED', next });
		expect(operations).not.toContain('BeginArtifact');
	});

	it('writes nothing more once the lease is lost', async () => {
		const { outcome } = await execute(await smallSpec(LONG), {
			answers: { LogMetrics: () => ({ logMetrics: lost }) },
		});
		expect(outcome).toMatchObject({ kind: 'abandon', reason: expect.stringContaining('attempt 2 holds it') });
		const pause = () => new Promise((resolve) => setTimeout(resolve, 700));
		// What was on its way when the lease was lost may still arrive.
		await pause();
		const arrived = api?.operations() ?? [];
		for (const name of ['BeginArtifact', 'FinishRun', 'ReleaseRun']) expect(arrived).not.toContain(name);
		await pause();
		expect(api?.operations()).toEqual(arrived);
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

	it('bears an API that fails at a request now and then, without a run or a point less', async () => {
		const left = new Map([
			['LogMetrics', 2],
			['CommitArtifact', 1],
			['FinishRun', 2],
		]);
		const failing = (operation: string, answer: object) => () => {
			const failures = left.get(operation) ?? 0;
			left.set(operation, failures - 1);
			return failures > 0 ? new Error('nobody foresaw it') : answer;
		};
		const { outcome, asked } = await execute(await smallSpec(3), {
			answers: {
				LogMetrics: failing('LogMetrics', {
					logMetrics: { __typename: 'MetricsLogged', sequence: 1, duplicate: false },
				}),
				CommitArtifact: failing('CommitArtifact', {
					commitArtifact: { __typename: 'ArtifactCommitted', artifact: { id: '1', digest: '' } },
				}),
				FinishRun: failing('FinishRun', {
					finishRun: { __typename: 'RunFinished', run: { id: 'run-1', status: 'SUCCEEDED' } },
				}),
			},
		});
		expect(outcome).toEqual({ kind: 'succeeded', next: null });
		expect([...left.values()].every((failures) => failures < 0)).toBe(true);
		expect(asked.filter(({ operation }) => operation === 'FinishRun')).toHaveLength(3);
	});

	it('bears broken connections on the whole way', async () => {
		let call = 0;
		const twice = (answer: object) => () => (++call % 2 === 0 ? answer : null);
		const { outcome } = await execute(await smallSpec(2), {
			answers: {
				FinishRun: twice({ finishRun: { __typename: 'RunFinished', run: { id: 'run-1', status: 'SUCCEEDED' } } }),
				BeginArtifact: twice({ beginArtifact: { __typename: 'ArtifactBegun', parts: null } }),
			},
		});
		expect(outcome).toEqual({ kind: 'succeeded', next: null });
	});
});

describe('the next run', () => {
	const nothing = { __typename: 'NothingToDo', retryAfterSeconds: 10, draining: false };
	const finished = {
		finishRun: { __typename: 'RunFinished', run: { id: 'run-1', status: 'SUCCEEDED' }, next: nothing },
	};

	it('comes with the end of this one, a good one or a bad one', async () => {
		const spec = await smallSpec(2);
		const answers = { FinishRun: () => finished };
		const good = await execute(spec, { answers });
		expect(good.outcome).toEqual({ kind: 'succeeded', next: nothing });
		const bad = await execute({ ...spec, dataset: { ...spec.dataset, version: 'other' } }, { answers });
		expect(bad.outcome).toMatchObject({ kind: 'fail', next: nothing });
		for (const { finish } of [good, bad]) expect(finish).toMatchObject({ next });
	});

	it('is asked for by the same token where the answer was lost', async () => {
		let lost = 0;
		const { outcome, asked } = await execute(await smallSpec(2), {
			answers: { FinishRun: () => (lost++ < 2 ? null : finished) },
		});
		expect(outcome).toEqual({ kind: 'succeeded', next: nothing });
		const tokens = asked
			.filter(({ operation }) => operation === 'FinishRun')
			.map(({ variables }) => (variables.input as { next: unknown }).next);
		expect(tokens).toEqual([next, next, next]);
	});

	it('is not asked for by a trainer that leaves, whose end of this one is not cut short', async () => {
		const leaving = new AbortController();
		const { outcome, finish } = await execute(await smallSpec(2), {
			shutdown: leaving.signal,
			answers: {
				FinishRun: () => {
					leaving.abort();
					return finished;
				},
			},
		});
		// It was on its way when the shutdown came.
		expect(finish).toMatchObject({ next });
		expect(outcome).toEqual({ kind: 'succeeded', next: nothing });
		const left = await execute(await smallSpec(LONG), { shutdown: leaving.signal });
		expect(left.outcome).toMatchObject({ kind: 'hand-back', next: null });
		expect(left.operations).not.toContain('FinishRun');
	});
});

describe('executeRun from a checkpoint', { timeout: 30_000 }, () => {
	const EPOCHS = 150;
	const refused = (resumeFrom: OfferedCheckpoint | null) => ({
		refuseCheckpoint: { __typename: 'CheckpointRefused', resumeFrom },
	});
	let undisturbed: { readonly points: string[]; readonly final: string | undefined };
	beforeAll(async () => {
		const { asked } = await execute(await smallSpec(EPOCHS), { machine: 'undisturbed' });
		undisturbed = { points: points(asked), final: committed(asked).at(-1)?.digest };
	}, 30_000);
	/** A run that was stopped when two checkpoints were stored: all of its checkpoints, the last one of its last step. */
	const stopped = async () => {
		const shutdown = new AbortController();
		let commits = 0;
		const run = await execute(await smallSpec(EPOCHS), {
			everySteps: 1,
			shutdown: shutdown.signal,
			answers: {
				CommitArtifact: () => {
					commits += 1;
					if (commits === 2) shutdown.abort();
					return { commitArtifact: { __typename: 'ArtifactCommitted', artifact: { id: '1', digest: '' } } };
				},
			},
		});
		return { ...run, left: committed(run.asked) };
	};

	it('leaves one of its last step when it is told to stop, and goes on from it to the same bits elsewhere', async () => {
		const spec = await smallSpec(LONG);
		const untilToldOnce = () => {
			const stop = new AbortController();
			const LogMetrics = () => {
				stop.abort();
				return { logMetrics: { __typename: 'MetricsLogged', sequence: 1, duplicate: false } };
			};
			return { shutdown: stop.signal, answers: { LogMetrics } };
		};
		const { outcome, asked, operations, files } = await execute(spec, untilToldOnce());
		expect(outcome.kind).toBe('hand-back');
		const [left] = committed(asked);
		expect(left).toMatchObject({ kind: 'resume', step: expect.any(Number) });
		// Its points, the checkpoint, the release: in this order, or who goes on would miss points.
		const last = (name: string) => operations.lastIndexOf(name);
		expect(last('LogMetrics')).toBeLessThan(last('CommitArtifact'));
		expect(last('CommitArtifact')).toBeLessThan(last('ReleaseRun'));

		const again = await execute(spec, { machine: 'another', resumeFrom: left, stored: files, ...untilToldOnce() });
		expect(again.operations).toContain('GET');
		// It was left between the step and the telling of it, or after that: each step is told, and told once.
		const stepsOf = (given: readonly Asked[]) =>
			points(given).flatMap((point) => (point.startsWith('epoch ') ? Number(point.split(' ')[1]) : []));
		const steps = [...stepsOf(asked), ...stepsOf(again.asked)].sort((one, other) => one - other);
		expect(steps).toEqual(steps.map((_, index) => index + 1));
		expect(steps.length).toBeGreaterThanOrEqual(left?.step ?? Number.NaN);
	});

	it('ends with the weights and the points of a run that was not interrupted', async () => {
		const first = await stopped();
		const left = first.left.at(-1);
		expect(left?.step).toBeLessThan(EPOCHS);
		const second = await execute(await smallSpec(EPOCHS), { resumeFrom: left, stored: first.files });
		expect(second.operations).not.toContain('GET');
		expect(committed(second.asked).at(-1)?.digest).toBe(undisturbed.final);
		const until = points(first.asked).filter((point) => Number(point.split(' ')[1]) <= (left?.step ?? 0));
		expect([...until, ...points(second.asked)].sort()).toEqual(undisturbed.points);
		// It has succeeded: nothing of it stays here.
		await expect(readdir(path.join(cacheDir, 'checkpoints', 'a', lease.runId))).rejects.toMatchObject({
			code: 'ENOENT',
		});
	});

	it('gives one up that is broken, here and there, for the one before it', async () => {
		const first = await stopped();
		const [newest, before] = [first.left.at(-1), first.left.at(-2)];
		const digest = newest?.digest ?? '';
		await writeFile(path.join(cacheDir, 'checkpoints', 'a', lease.runId, digest), 'half of');
		const run = await execute(await smallSpec(EPOCHS), {
			resumeFrom: newest,
			stored: new Map([...first.files, [digest, new Uint8Array(8)]]),
			answers: { RefuseCheckpoint: () => refused(before ?? null) },
		});
		expect(run.asked.filter(({ operation }) => operation === 'RefuseCheckpoint')).toMatchObject([
			{ variables: { lease, digest, reason: expect.stringContaining('do not match') } },
		]);
		expect(run.outcome.kind).toBe('succeeded');
		expect(committed(run.asked).at(-1)?.digest).toBe(undisturbed.final);
	});

	it('gives up what is whole but no checkpoint of this run, and begins anew where none is left', async () => {
		const bytes = new TextEncoder().encode('something else');
		const digest = createHash('sha256').update(bytes).digest('hex');
		const run = await execute(await smallSpec(EPOCHS), {
			resumeFrom: { digest, step: 3 },
			stored: new Map([[digest, bytes]]),
			answers: { RefuseCheckpoint: () => refused(null) },
		});
		expect(run.operations.filter((name) => name === 'RefuseCheckpoint')).toHaveLength(1);
		expect(committed(run.asked).at(-1)?.digest).toBe(undisturbed.final);
		expect(points(run.asked)).toEqual(undisturbed.points);
	});

	it('does not wait for uploads: the newest one wins, and a slow store loses none of the training', async () => {
		let announced = 0;
		const run = await execute(await smallSpec(EPOCHS), {
			everySteps: 1,
			// The store is away at first.
			answers: {
				BeginArtifact: ({ input }) => (++announced <= 2 ? null : { beginArtifact: begun(input as Committed) }),
			},
		});
		expect(run.outcome.kind).toBe('succeeded');
		const states = committed(run.asked).filter(({ kind }) => kind === 'resume');
		expect(states.length).toBeLessThan(EPOCHS);
		expect(states.at(-1)?.step).toBe(EPOCHS);
	});

	it('keeps the last good one of a run that diverges, and says the step', async () => {
		const spec = await smallSpec(EPOCHS);
		const wild = { ...spec, plan: withRate(spec.plan, 1e30) };
		const { outcome, asked, finish } = await execute(wild, { everySteps: 1 });
		expect(outcome).toMatchObject({ kind: 'fail', failure: { kind: 'DIVERGED', retryable: false } });
		expect(finish).toMatchObject({ failure: { message: expect.stringMatching(/at step \d+/) } });
		const events = asked.filter(({ operation }) => operation === 'RecordEvent').map(({ variables }) => variables.event);
		expect(events).toContainEqual(expect.objectContaining({ kind: 'DIVERGED', step: expect.any(Number) }));
		const names = asked.map(({ operation }) => operation);
		expect(names.lastIndexOf('CommitArtifact')).toBeLessThan(names.indexOf('FinishRun'));
	});
});

const withRate = (plan: RunSpec['plan'], learningRate: number): RunSpec['plan'] => ({
	...plan,
	phases: plan.phases.map((phase) => ({
		...phase,
		groups: phase.groups.map((group) => ({ ...group, learningRate })),
	})),
});
