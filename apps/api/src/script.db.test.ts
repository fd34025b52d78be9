import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lease, type RealApi, startRealApi, userError } from './testing/real-api.js';

/** What a script does that trains by itself, through the real server and a real database. */
let test: TestDatabase;
let api: RealApi;
let experimentId = '';

beforeAll(async () => {
	test = await createTestDatabase();
	api = await startRealApi(test.database);
	const { experiment } = await ask<{ experiment: { id: string } }>(
		`mutation { createExperiment(input: {name: "by hand", metric: "test_accuracy"}) { ... on ExperimentCreated { experiment { id } } } }`,
	);
	experimentId = experiment.id;
});
afterAll(async () => {
	await api?.close();
	await test?.drop();
});

const ask: RealApi['ask'] = (query, variables) => api.ask(query, variables);

it('lets a script make a run, log and finish it', async () => {
	const created = await ask<{ run: object; lease: Lease }>(
		`mutation ($id: ID!) { createRun(input: {experimentId: $id, config: {rate: 1}, name: "by hand"}) { ${userError}
			... on RunCreated { run { name status strategy config } lease { runId token } } } }`,
		{ id: experimentId },
	);
	expect(created.run).toEqual({ name: 'by hand', status: 'RUNNING', strategy: null, config: { rate: 1 } });
	expect(await api.logMetrics(created.lease, 1, [{ key: 'loss', steps: [1], values: [1] }])).toMatchObject({
		points: 1,
	});
	const lines = ['Epoch 1', 'loss 50 %', 'EPOCH_2', 'epoch 3'];
	await ask(
		`mutation ($lease: LeaseInput!, $lines: [String!]!) { logLines(lease: $lease, sequence: 1, lines: $lines) { __typename } }`,
		{ lease: created.lease, lines },
	);
	const search = (text: string | null, after: string | null = null) =>
		ask<{ logLineCount: number; logLines: { cursor: string; number: number; line: string }[] }>(
			`query ($id: ID!, $text: String, $after: Cursor) { run(id: $id) { logLineCount(search: $text)
				logLines(first: 2, after: $after, search: $text) { cursor number line } } }`,
			{ id: created.lease.runId, text, after },
		);
	const first = await search('ePoCh');
	expect(first).toMatchObject({ logLineCount: 3, logLines: [{ number: 1 }, { number: 3, line: 'EPOCH_2' }] });
	expect((await search('epoch', first.logLines[1]?.cursor)).logLines).toMatchObject([{ number: 4, line: 'epoch 3' }]);
	expect(await search('%')).toMatchObject({ logLineCount: 1, logLines: [{ number: 2, line: 'loss 50 %' }] });
	expect(await search(null)).toMatchObject({ logLineCount: 4, logLines: [{ number: 1 }, { number: 2 }] });
	expect(await api.finishRun(created.lease)).toMatchObject({ __typename: 'RunFinished' });
});

describe('batches of metrics', () => {
	const LOG = `mutation ($input: LogMetricsInput!) { logMetrics(input: $input) { ${userError}
		... on MetricsLogged { sequence duplicate } ... on TooLarge { limit } ... on InvalidInput { field } } }`;
	const createScript = () =>
		ask<{ lease: Lease }>(
			'mutation ($id: ID!) { createRun(input: {experimentId: $id, config: {}}) { ... on RunCreated { lease { runId token } } } }',
			{ id: experimentId },
		);
	const packed = (length: number) => Buffer.from(new Float64Array(length).buffer).toString('base64');

	it('go over HTTP and over the socket, in one order, and are stored once whichever way they are repeated', async () => {
		const { lease } = await createScript();
		const peer = await api.connect();
		const overSocket = async (sequence: number, id: string) => {
			const input = { lease, sequence, series: [{ key: 'loss', steps: [sequence], values: packed(1) }] };
			peer.send({ type: 'subscribe', id, payload: { query: LOG, variables: { input } } });
			return (await peer.received((message) => message.id === id && message.type === 'next')).payload.data.logMetrics;
		};
		const overHttp = (sequence: number) =>
			api.logMetrics(lease, sequence, [{ key: 'loss', steps: [sequence], values: [0] }]);
		expect(await overHttp(1)).toMatchObject({ __typename: 'MetricsLogged', duplicate: false });
		expect(await overSocket(2, 'a')).toMatchObject({ __typename: 'MetricsLogged', sequence: 2, duplicate: false });
		expect(await overHttp(2)).toMatchObject({ duplicate: true });
		expect(await overHttp(3)).toMatchObject({ duplicate: false });
		expect(await overSocket(3, 'b')).toMatchObject({ duplicate: true });
		expect(await overSocket(5, 'c')).toMatchObject({ code: 'SEQUENCE_GAP' });
		peer.socket.terminate();
	});

	it('are refused by the name of the limit that they pass', async () => {
		const { lease } = await createScript();
		const log = (series: readonly object[]) => ask<object>(LOG, { input: { lease, sequence: 1, series } });
		const points = 100_001;
		const [steps, values] = [packed(points), packed(points)];
		expect(await log([{ key: 'loss', steps, values }])).toMatchObject({ __typename: 'TooLarge', limit: 100_000 });
		const many = Array.from({ length: 5_001 }, (_, index) => ({ key: `k${index}`, steps: [1], values: [1] }));
		expect(await log(many)).toMatchObject({ __typename: 'TooLarge', limit: 5_000 });
		const long = 'k'.repeat(251);
		const refused = await log([{ key: long, steps: [1], values: [1] }]);
		expect(refused).toMatchObject({ __typename: 'InvalidInput', field: 'series[0].key' });
	});
});
