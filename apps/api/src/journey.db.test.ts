import { createHash } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { packed } from './scalar/number-list.js';
import type { Peer } from './testing/local-api.js';
import { atEnd, type Lease, type RealApi, startRealApi, userError } from './testing/real-api.js';

/** The way of a comparison through the real server and a real database, as a trainer and a browser walk it. */
let test: TestDatabase;
let api: RealApi;

beforeAll(async () => {
	test = await createTestDatabase();
	api = await startRealApi(test.database);
});
afterAll(async () => {
	await api?.close();
	await test?.drop();
});

const ask: RealApi['ask'] = (query, variables) => api.ask(query, variables);
const until = (holds: () => boolean) => vi.waitUntil(holds, { timeout: 10_000 });
const leaseRun = (workerId: string) =>
	ask<{ __typename: string; lease: Lease; run: { seed: number; strategy: { learningRate: number } } }>(
		`mutation ($workerId: ID!) { leaseRun(workerId: $workerId) { __typename
			... on LeasedRun { lease { runId token } run { seed strategy } spec } } }`,
		{ workerId },
	);
const launch = (strategies: readonly object[]) =>
	ask<{ __typename: string; runs: { id: string; status: string }[] }>(
		`mutation ($input: LaunchComparisonInput!) { launchComparison(input: $input) { ${userError}
			... on InvalidInput { field } ... on ComparisonLaunched { runs { id status strategyLabel } } } }`,
		{
			input: {
				experimentId,
				backboneIds: [backboneId],
				datasetIds: [datasetId],
				strategies,
				seeds: [0, 1],
				epochs: 2,
				batchSize: 32,
			},
		},
	);

let backboneId = '';
let datasetId = '';
let experimentId = '';
let workerId = '';
let runIds: string[] = [];

describe('launch', () => {
	it('registers data and a random backbone, and turns strategies x seeds into queued runs', async () => {
		const { dataset } = await ask<{ dataset: { id: string } }>(
			`mutation ($input: RegisterDatasetInput!) { registerDataset(input: $input) { ${userError} ... on DatasetRegistered { dataset { id } } } }`,
			{
				input: {
					name: 'digits',
					version: 'a'.repeat(64),
					modality: 'IMAGE',
					task: 'CLASSIFICATION',
					classes: ['0', '1'],
					splits: [
						{ name: 'train', examples: 100, classCounts: [50, 50] },
						{ name: 'validation', examples: 40, classCounts: [20, 20] },
						{ name: 'test', examples: 60, classCounts: [30, 30] },
					],
					inputShape: [8, 8, 1],
					uri: 'builtin:optdigits',
					format: 'csv-image',
				},
			},
		);
		const [architecture] = await ask<{ name: string; layerGroups: string[]; parameterCount: number }[]>(
			'{ architectures { name layerGroups parameterCount } }',
		);
		expect(architecture?.layerGroups.length).toBeGreaterThan(1);
		const { backbone } = await ask<{ backbone: { id: string; layerGroups: object[] } }>(
			`mutation ($input: RegisterBackboneInput!) { registerBackbone(input: $input) { ${userError}
				... on BackboneRegistered { backbone { id architecture { name } layerGroups { name macs } } } } }`,
			{ input: { name: 'cnn', architecture: architecture?.name, inputShape: [8, 8, 1] } },
		);
		expect(backbone).toMatchObject({ architecture: { name: architecture?.name } });
		backboneId = backbone.id;
		datasetId = dataset.id;
		const experiment = await ask<{ experiment: { id: string } }>(
			`mutation { createExperiment(input: {name: "which rate?", metric: "test_accuracy"}) { ${userError} ... on ExperimentCreated { experiment { id } } } }`,
		);
		experimentId = experiment.experiment.id;
		const refused = await launch([{ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block99' }]);
		expect(refused).toMatchObject({
			__typename: 'InvalidInput',
			field: expect.stringContaining('unfreezeFrom'),
			message: expect.stringContaining('block99'),
		});
		const { runs } = await launch([
			{ kind: 'FROM_SCRATCH', learningRate: 0.01 },
			{ kind: 'FROM_SCRATCH', learningRate: 0.001 },
		]);
		runIds = runs.map(({ id }) => id);
		expect(runs.map(({ status }) => status)).toEqual(['QUEUED', 'QUEUED', 'QUEUED', 'QUEUED']);
		const counts = await ask('query ($id: ID) { experiment(id: $id) { statusCounts { status count } } }', {
			id: experimentId,
		});
		expect(counts).toEqual({ statusCounts: [{ status: 'QUEUED', count: 4 }] });
	});
});

describe('a trainer and a browser', () => {
	let lease: Lease;
	let browser: Peer;
	const STREAM = `subscription ($runIds: [ID!]!, $after: Cursor) {
		metricStream(runIds: $runIds, after: $after) { cursor runId attempt key steps values } }`;
	interface Frame {
		cursor: string;
		key: string;
		steps: number[];
		values: (number | string)[];
	}
	const watch = async (after: string | null): Promise<Peer> => {
		const peer = await api.connect({ Origin: 'http://localhost:4621' });
		peer.send({ type: 'subscribe', id: 'm', payload: { query: STREAM, variables: { runIds: [lease.runId], after } } });
		return peer;
	};
	const frames = (peer: Peer): Frame[] =>
		peer.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload.data.metricStream);
	const points = (peer: Peer, key: string): [number, number | string][] =>
		frames(peer)
			.filter((frame) => frame.key === key)
			.flatMap(({ steps, values }) => steps.map((step, i): [number, number | string] => [step, values[i] ?? 'none']));

	it('leases a run', async () => {
		const registered = await ask<{ worker: { id: string } }>(
			`mutation { registerWorker(input: {name: "w", backend: "wasm"}) { ${userError}
				... on WorkerRegistered { heartbeatSeconds worker { id status slots labels } } } }`,
		);
		expect(registered).toMatchObject({ worker: { status: 'ONLINE', slots: 1, labels: {} } });
		workerId = registered.worker.id;
		const leased = await leaseRun(workerId);
		expect(leased.__typename).toBe('LeasedRun');
		({ lease } = leased);
		expect(await ask('{ workers { currentRuns { id status } } }')).toEqual([
			{ currentRuns: [{ id: lease.runId, status: 'RUNNING' }] },
		]);
	});

	it('logs numbers, base64 and NaN, each once and in order, and the browser sees them', async () => {
		browser = await watch(null);
		const logged = { __typename: 'MetricsLogged', duplicate: false };
		const first = [{ key: 'train_loss', steps: [1, 2], values: [0.5, 0.25] }];
		expect(await api.logMetrics(lease, 1, first)).toEqual({ ...logged, sequence: 1, points: 2 });
		await until(() => points(browser, 'train_loss').length === 2);
		const second = {
			key: 'train_loss',
			steps: packed(new Float64Array([3])),
			values: packed(new Float64Array([0.125])),
		};
		expect(await api.logMetrics(lease, 2, [second])).toMatchObject(logged);
		const third = { key: 'train_loss', steps: [4, 5], values: ['NaN', '-Infinity'] };
		expect(await api.logMetrics(lease, 3, [third, { key: 'epoch', steps: [4], values: [1] }])).toMatchObject({
			points: 3,
		});
		expect(await api.logMetrics(lease, 3, [third])).toMatchObject({ ...logged, duplicate: true });
		expect(await api.logMetrics(lease, 5, [third])).toMatchObject({
			__typename: 'InvalidInput',
			message: expect.stringContaining('4'),
		});
		expect(await api.logMetrics({ ...lease, token: 'stolen' }, 4, [third])).toMatchObject({ __typename: 'LeaseLost' });
		await until(() => points(browser, 'epoch').length === 1);
		expect(points(browser, 'train_loss')).toEqual([
			[1, 0.5],
			[2, 0.25],
			[3, 0.125],
			[4, 'NaN'],
			[5, '-Infinity'],
		]);
	});

	it('after a cut the browser goes on from its cursor without a gap or a repeat; a newcomer gets it all', async () => {
		const cursor = frames(browser).at(-1)?.cursor ?? null;
		browser.socket.terminate();
		expect(await api.logMetrics(lease, 4, [{ key: 'train_loss', steps: [6], values: [0.1] }])).toMatchObject({
			sequence: 4,
		});
		const back = await watch(cursor);
		await until(() => points(back, 'train_loss').length > 0);
		expect(await api.logMetrics(lease, 5, [{ key: 'train_loss', steps: [7], values: [0.05] }])).toMatchObject({
			sequence: 5,
		});
		await until(() => points(back, 'train_loss').length > 1);
		expect(points(back, 'train_loss')).toEqual([
			[6, 0.1],
			[7, 0.05],
		]);
		expect(points(back, 'epoch')).toEqual([]);
		const newcomer = await watch(null);
		await until(() => points(newcomer, 'train_loss').length === 7 && points(newcomer, 'epoch').length === 1);
		expect(points(newcomer, 'train_loss').map(([step]) => step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
		back.socket.terminate();
		newcomer.socket.terminate();
	});

	it('reads the series in buckets, with what is not finite aside', async () => {
		const series = await ask(
			`query ($runIds: [ID!]!) { metricSeries(runIds: $runIds, keys: ["train_loss"], buckets: 100) {
				key points run { id metricKeys } nonFinite { step value } steps min max(packed: true) } }`,
			{ runIds: [lease.runId] },
		);
		expect(series).toMatchObject([
			{
				key: 'train_loss',
				points: 7,
				run: { id: lease.runId, metricKeys: expect.arrayContaining(['epoch', 'train_loss']) },
				nonFinite: [
					{ step: 4, value: 'NaN' },
					{ step: 5, value: '-Infinity' },
				],
				max: expect.any(String),
			},
		]);
	});

	it('uploads a checkpoint once, and anybody can fetch it', async () => {
		const bytes = Buffer.from('weights');
		const digest = createHash('sha256').update(bytes).digest('hex');
		const input = { lease, name: 'model.safetensors', kind: 'checkpoint', bytes: bytes.length, digest, step: 7 };
		const begin = () =>
			ask<{ parts: { url: string }[] | null }>(
				`mutation ($input: ArtifactInput!) { beginArtifact(input: $input) { ${userError} ... on ArtifactBegun { parts { url } } } }`,
				{ input },
			);
		const commit = () =>
			ask<{ __typename: string; artifact: { downloadUrl: string } }>(
				`mutation ($input: ArtifactInput!) { commitArtifact(input: $input) { ${userError} ... on ArtifactCommitted { artifact { downloadUrl bytes } } } }`,
				{ input },
			);
		const { parts } = await begin();
		expect((await commit()).__typename).toBe('InvalidInput');
		expect((await fetch(parts?.[0]?.url ?? '', { method: 'PUT', body: bytes })).status).toBe(204);
		const { artifact } = await commit();
		expect(await (await fetch(artifact.downloadUrl)).text()).toBe('weights');
		expect(await begin()).toMatchObject({ parts: null });
		expect((await commit()).__typename).toBe('ArtifactCommitted');
		const run = await ask('query ($id: ID!) { run(id: $id) { artifacts { digest step } } }', { id: lease.runId });
		expect(run).toEqual({ artifacts: [{ digest, step: 7 }] });
	});

	it('finishes each run once; the comparison has their numbers', async () => {
		const updates = await api.connect();
		const query = 'subscription ($id: ID) { runUpdates(experimentId: $id) { cursor changed run { id status } } }';
		updates.send({ type: 'subscribe', id: 'u', payload: { query, variables: { id: experimentId } } });
		const accuracies: Record<string, number[]> = { '0.01': [0.9, 0.92], '0.001': [0.7, 0.74] };
		const run = await ask<{ seed: number; strategy: { learningRate: number } }>(
			'query ($id: ID!) { run(id: $id) { seed strategy } }',
			{ id: lease.runId },
		);
		for (let next = { lease, run }, sequence = 6, done = 0; done < 4; done += 1, sequence = 1) {
			const accuracy = accuracies[String(next.run.strategy.learningRate)]?.[next.run.seed];
			await api.logMetrics(next.lease, sequence, [{ key: 'test_accuracy', steps: [10], values: [accuracy] }]);
			expect(await api.finishRun(next.lease)).toEqual({ __typename: 'RunFinished', run: { status: 'SUCCEEDED' } });
			const { progress } = await ask<{ progress: object }>(
				'query ($id: ID!) { run(id: $id) { progress { phase epoch epochs step steps etaSeconds } } }',
				{
					id: next.lease.runId,
				},
			);
			expect(progress).toEqual(atEnd);
			if (done < 3) next = await leaseRun(workerId);
		}
		expect((await leaseRun(workerId)).__typename).toBe('NothingToDo');
		expect(await api.logMetrics(lease, 7, [{ key: 'late', steps: [1], values: [1] }])).toMatchObject({
			__typename: 'LeaseLost',
		});
		// The answer to the first may have been lost: its holder hears the same again, and nobody else.
		expect(await api.finishRun(lease)).toEqual({ __typename: 'RunFinished', run: { status: 'SUCCEEDED' } });
		expect(await api.finishRun({ ...lease, token: 'stolen' })).toMatchObject({ __typename: 'LeaseLost' });

		const { comparison, runs } = await ask<{ comparison: { groups: object[] }; runs: object }>(
			`query ($id: ID) { experiment(id: $id) { runs { totalCount nodes { status attempts { number outcome worker { name } } } }
				comparison { metric groups { n seeds values mean sd ciLow ciHigh backbone { name } } verdicts { kind difference } recommendation { reason } } } }`,
			{ id: experimentId },
		);
		const finished = { status: 'SUCCEEDED', attempts: [{ number: 1, outcome: 'SUCCEEDED', worker: { name: 'w' } }] };
		expect(runs).toEqual({ totalCount: 4, nodes: [finished, finished, finished, finished] });
		expect(comparison.groups).toMatchObject([
			{ n: 2, seeds: [0, 1], values: [0.9, 0.92], backbone: { name: 'cnn' } },
			{ n: 2, seeds: [0, 1], values: [0.7, 0.74] },
		]);
		const [best] = comparison.groups as { mean: number; ciHigh: number }[];
		expect(best?.mean).toBeCloseTo(0.91, 12);
		// t(0.975, 1) = 12.7062 (any table); sd = 0.02 / sqrt 2, so the half width is 12.7062 x 0.01.
		expect(best?.ciHigh).toBeCloseTo(0.91 + 0.127_062, 5);

		const ended = (peer: Peer) =>
			new Set(
				peer.messages
					.filter(({ type }) => type === 'next')
					.map(({ payload }) => payload.data.runUpdates.run)
					.filter((each) => each.status === 'SUCCEEDED')
					.map(({ id }) => id),
			);
		await until(() => ended(updates).size === 4);
		expect([...ended(updates)].sort()).toEqual([...runIds].sort());
		updates.socket.terminate();
	});

	it('filters, orders and pages runs, and says what is wrong with a filter', async () => {
		const list = (variables: object) =>
			ask<{ totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string }; nodes: object[] }>(
				`query ($where: String, $first: Int, $after: String) { runs(filter: {where: $where}, first: $first, after: $after,
					orderBy: [{by: "metric.test_accuracy.best", direction: DESC}]) {
					totalCount pageInfo { hasNextPage endCursor } nodes { summary(metric: "test_accuracy") { value finite } } } }`,
				variables,
			);
		const value = (number: number) => ({ summary: { value: number, finite: true } });
		const first = await list({ first: 3 });
		expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
		expect(first.nodes).toEqual([value(0.92), value(0.9), value(0.74)]);
		expect((await list({ first: 3, after: first.pageInfo.endCursor })).nodes).toEqual([value(0.7)]);
		expect((await list({ where: 'metric.test_accuracy.best > 0.8 and config.batchSize = 32' })).nodes).toHaveLength(2);
		const { errors } = await api.graphql('{ runs(filter: {where: "config.batchSize <"}) { totalCount } }');
		expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' });
	});
});

describe('commands', () => {
	it('tell a waiting trainer of work, and the one at work to stop', async () => {
		const trainer = await api.connect();
		const query = 'subscription ($workerId: ID!) { workerCommands(workerId: $workerId) { kind runId } }';
		trainer.send({ type: 'subscribe', id: 'c', payload: { query, variables: { workerId } } });
		const command = (kind: string) =>
			trainer
				.received(({ payload }) => payload?.data?.workerCommands?.kind === kind)
				.then(({ payload }) => payload.data);
		// The subscription is up when the server has answered something that came after it.
		trainer.send({ type: 'subscribe', id: 'q', payload: { query: '{ __typename }' } });
		await trainer.received(({ id, type }) => id === 'q' && type === 'complete');

		await launch([{ kind: 'FROM_SCRATCH', learningRate: 0.1 }]);
		expect(await command('WORK_AVAILABLE')).toEqual({ workerCommands: { kind: 'WORK_AVAILABLE', runId: null } });
		const { lease } = await leaseRun(workerId);
		const cancelled = await ask(
			`mutation ($ids: [ID!]!) { cancelRuns(ids: $ids) { ${userError} ... on RunsChanged { runs { status cancelRequested } } } }`,
			{ ids: [lease.runId] },
		);
		expect(cancelled).toMatchObject({ runs: [{ status: 'RUNNING', cancelRequested: true }] });
		expect(await command('CANCEL_RUN')).toEqual({ workerCommands: { kind: 'CANCEL_RUN', runId: lease.runId } });
		const renewed = await ask(
			`mutation ($lease: LeaseInput!, $progress: JSON) { renewLease(lease: $lease, progress: $progress) { __typename
				... on LeaseRenewed { cancelRequested } } }`,
			{ lease, progress: { epoch: 1, epochs: 2 } },
		);
		expect(renewed).toEqual({ __typename: 'LeaseRenewed', cancelRequested: true });
		const run = await ask('query ($id: ID!) { run(id: $id) { progress { epoch epochs step } } }', { id: lease.runId });
		expect(run).toEqual({ progress: { epoch: 1, epochs: 2, step: null } });
		trainer.socket.terminate();
	});

	it('that a finished run does not allow are refused', async () => {
		const refused = await ask(`mutation ($ids: [ID!]!) { retryRuns(ids: $ids) { ${userError} } }`, {
			ids: [runIds[0]],
		});
		expect(refused).toMatchObject({ __typename: 'Conflict' });
	});
});
