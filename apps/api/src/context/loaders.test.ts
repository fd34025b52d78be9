import type { Backbone } from '@graft/domain/backbone';
import type { Experiment } from '@graft/domain/experiment';
import type { Run } from '@graft/domain/run';
import { afterEach, expect, it, vi } from 'vitest';
import { type LocalApi, startLocalApi } from '../testing/local-api.js';

let api: LocalApi;
afterEach(() => api.close());

const run = (id: string, backboneId: string | null): Run =>
	({ id, name: id, backboneId, experimentId: 'e', strategy: null, tags: [] }) as Partial<Run> as Run;
const backbone = (id: string): Backbone => ({ id, name: `backbone ${id}` }) as Partial<Backbone> as Backbone;
const page = (runs: readonly Run[]) => ({
	items: runs.map((node) => ({ cursor: node.id, node })),
	hasNextPage: false,
	endCursor: runs.at(-1)?.id ?? null,
	isPartial: false,
	countTotal: async () => ({ count: runs.length, isLeast: false }),
});

it('asks once for what many rows of one answer refer to', async () => {
	const backbonesByIds = vi.fn(async (ids: readonly string[]) => ids.map(backbone));
	const summaries = vi.fn(async (wanted: readonly { runId: string }[]) =>
		wanted.map(({ runId }, i) =>
			i === 0 ? { value: Number(runId), step: 7, finite: true, checkpointId: null } : null,
		),
	);
	api = await startLocalApi({
		runs: async () => page([run('1', 'a'), run('2', 'b'), run('3', 'a'), run('4', null)]),
		backbonesByIds,
		summaries,
	});
	const { data } = await api.graphql(
		'{ runs { nodes { backbone { name } summary(metric: "m", at: LAST) { value step } } pageInfo { endCursor } } }',
	);
	expect(data.runs).toEqual({
		nodes: [
			{ backbone: { name: 'backbone a' }, summary: { value: 1, step: 7 } },
			{ backbone: { name: 'backbone b' }, summary: null },
			{ backbone: { name: 'backbone a' }, summary: null },
			{ backbone: null, summary: null },
		],
		pageInfo: { endCursor: '4' },
	});
	expect(backbonesByIds.mock.calls).toEqual([[['a', 'b']]]);
	expect(summaries.mock.calls).toEqual([[['1', '2', '3', '4'].map((runId) => ({ runId, metric: 'm', at: 'LAST' }))]]);
});

it('gives null for what is not there, and an error where the schema promises it', async () => {
	api = await startLocalApi({
		run: async (id) => run(id, 'gone'),
		backbonesByIds: async () => [],
		experimentsByIds: async () => [],
	});
	expect((await api.graphql('{ run(id: "1") { backbone { name } } }')).data).toEqual({ run: { backbone: null } });
	const { data, errors } = await api.graphql('{ run(id: "1") { experiment { name } } }');
	expect(data).toEqual({ run: null });
	expect(errors?.[0]?.extensions.code).toBe('INTERNAL_SERVER_ERROR');
});

it('looks anew for each event of a subscription', async () => {
	let name = 'before';
	api = await startLocalApi({
		async *runUpdates() {
			yield { cursor: '1', run: run('1', null), changed: ['status'] };
			name = 'after';
			yield { cursor: '2', run: run('1', null), changed: ['status'] };
		},
		experimentsByIds: async (ids) => ids.map((id) => ({ id, name }) as Partial<Experiment> as Experiment),
	});
	const peer = await api.connect();
	const query = 'subscription { runUpdates { cursor run { experiment { name } } } }';
	peer.send({ type: 'subscribe', id: 's', payload: { query } });
	await peer.received(({ type }) => type === 'complete');
	const names = peer.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload.data.runUpdates);
	expect(names).toEqual([
		{ cursor: '1', run: { experiment: { name: 'before' } } },
		{ cursor: '2', run: { experiment: { name: 'after' } } },
	]);
});
