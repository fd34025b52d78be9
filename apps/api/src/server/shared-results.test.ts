import type { LiveMetrics } from '@graft/domain/metric';
import { afterEach, expect, it } from 'vitest';
import { type LocalApi, startLocalApi } from '../testing/local-api.js';

let api: LocalApi;
afterEach(() => api?.close());

it('makes the answer of an event once for all readers of the same, and each document and argument its own', async () => {
	let read = 0;
	const values = Float64Array.of(0.5, Number.NaN);
	const series = {
		runId: 'run',
		attempt: 1,
		get key() {
			read += 1;
			return 'loss';
		},
		steps: Float64Array.of(1, 2),
		values,
	};
	const frame: LiveMetrics = { cursor: 'c', series: [series] };
	api = await startLocalApi({
		async *liveMetrics() {
			yield frame;
		},
	});
	const peer = await api.connect();
	const plain =
		'subscription ($after: Cursor) { liveMetrics(runIds: ["run"], after: $after) { series { key values } } }';
	const packed =
		'subscription ($packed: Boolean) { liveMetrics(runIds: ["run"]) { series { key values(packed: $packed) } } }';
	const ask = async (id: string, query: string, variables: object) => {
		peer.send({ type: 'subscribe', id, payload: { query, variables } });
		const { payload } = await peer.received((message) => message.id === id && message.type === 'next');
		return payload.data.liveMetrics.series[0].values;
	};
	expect(await ask('1', plain, {})).toEqual([0.5, 'NaN']);
	for (const id of ['2', '3', '4']) expect(await ask(id, plain, { after: id })).toEqual([0.5, 'NaN']);
	expect(read).toBe(1);
	expect(await ask('5', packed, { packed: true })).toBe(Buffer.from(values.buffer).toString('base64'));
	expect(await ask('6', packed, { packed: false })).toEqual([0.5, 'NaN']);
	expect(read).toBe(3);
});
