import { GraftError } from '@graft/domain/error';
import type { LiveMetrics, MetricFrame } from '@graft/domain/metric';
import type { Engine } from '@graft/engine';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LocalApi, type Peer, startLocalApi } from '../testing/local-api.js';

let api: LocalApi;
afterEach(() => api.close());

const POINTS = 640; // two packed lists of 640 float64 make a frame of some 13 KB as text
/** The first has an answer for each reader, the second one for all who follow the same. */
const STREAMS = {
	metricStream:
		'subscription ($runIds: [ID!]!) { metricStream(runIds: $runIds) { cursor steps(packed: true) values(packed: true) } }',
	liveMetrics:
		'subscription ($runIds: [ID!]!) { liveMetrics(runIds: $runIds) { cursor series { steps(packed: true) values(packed: true) } } }',
} as const;
type Stream = keyof typeof STREAMS;
const names = Object.keys(STREAMS) as Stream[];

/** Frames by number, as a database would have them: who pulls gets the next after his own position. */
class FrameRecord {
	published = 0;
	readonly pulled = new Map<string, number>();
	readonly aborted = new Set<string>();
	#news: (() => void)[] = [];

	publish(count: number): void {
		this.published += count;
		for (const tell of this.#news.splice(0)) tell();
	}

	async *read(reader: string, signal: AbortSignal): AsyncGenerator<MetricFrame> {
		signal.addEventListener('abort', () => {
			this.aborted.add(reader);
			this.publish(0);
		});
		for (let number = 0; !signal.aborted; ) {
			if (number === this.published) {
				await new Promise<void>((resolve) => this.#news.push(resolve));
				continue;
			}
			number += 1;
			this.pulled.set(reader, number);
			const values = new Float64Array(POINTS).map((_, i) => number + i / POINTS);
			yield { cursor: String(number), runId: reader, attempt: 1, key: 'loss', steps: values, values };
		}
	}

	readonly engine: Partial<Engine> = {
		metricStream: ({ runIds }, signal) => this.read(String(runIds[0]), signal),
		liveMetrics: ({ runIds }, signal) => merged(this.read(String(runIds[0]), signal)),
	};
}

async function* merged(frames: AsyncGenerator<MetricFrame>): AsyncGenerator<LiveMetrics> {
	for await (const { cursor, ...series } of frames) yield { cursor, series: [series] };
}

function subscribe(peer: Peer, reader: string, stream: Stream = 'metricStream'): void {
	peer.send({ type: 'subscribe', id: reader, payload: { query: STREAMS[stream], variables: { runIds: [reader] } } });
}
type Payload = { readonly data?: Partial<Record<Stream, { readonly cursor: string }>> } | undefined;
const cursorOf = (payload: Payload): number =>
	Number((payload?.data?.metricStream ?? payload?.data?.liveMetrics)?.cursor);
const cursors = (peer: Peer): number[] =>
	peer.messages.filter(({ type }) => type === 'next').map(({ payload }) => cursorOf(payload));

describe.each(names)('a subscriber of %s that stops reading its socket', (stream) => {
	const FRAMES = 6000;

	it('costs the server a few frames, hinders nobody, and goes on without a gap when it reads again', async () => {
		const record = new FrameRecord();
		api = await startLocalApi(record.engine, { pingMs: 60_000 });
		const stalled = await api.connect();
		const readers = await Promise.all([api.connect(), api.connect()]);
		subscribe(stalled, 'stalled', stream);
		readers.forEach((peer, i) => {
			subscribe(peer, `reader ${i}`, stream);
		});
		record.publish(1);
		await Promise.all([stalled, ...readers].map((peer) => peer.received(({ type }) => type === 'next')));
		stalled.socket.pause();
		const rssBefore = process.memoryUsage().rss;

		for (let published = 1; published < FRAMES; published += 1) {
			record.publish(1);
			if (published % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
		}
		await Promise.all(readers.map((peer) => peer.received(({ payload }) => cursorOf(payload) === FRAMES)));

		const all = Array.from({ length: FRAMES }, (_, i) => i + 1);
		for (const peer of readers) expect(cursors(peer)).toEqual(all);
		// What the kernel's buffers took, and one frame in the server's hand.
		const inFlight = record.pulled.get('stalled') ?? 0;
		expect(inFlight).toBeLessThan(FRAMES / 4);
		// The two readers of this process keep 2 x 6000 frames of 13 KB, 160 MB; a queue for the third would add 80.
		expect(process.memoryUsage().rss - rssBefore).toBeLessThan(400 * 1024 * 1024);
		expect((await fetch(`${api.url}/healthz`)).status).toBe(200);

		stalled.socket.resume();
		await stalled.received(({ payload }) => cursorOf(payload) === FRAMES);
		expect(cursors(stalled)).toEqual(all);
	}, 60_000);

	it('does not make the server pull while it is paused', async () => {
		const record = new FrameRecord();
		api = await startLocalApi(record.engine, { pingMs: 60_000 });
		const stalled = await api.connect();
		subscribe(stalled, 'stalled', stream);
		record.publish(1);
		await stalled.received(({ type }) => type === 'next');
		stalled.socket.pause();
		record.publish(FRAMES);
		const settled = await vi.waitUntil(
			async () => {
				const before = record.pulled.get('stalled');
				await new Promise((resolve) => setTimeout(resolve, 100));
				return before === record.pulled.get('stalled') && before;
			},
			{ timeout: 10_000 },
		);
		record.publish(FRAMES);
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(record.pulled.get('stalled')).toBe(settled);
		expect(settled).toBeLessThan(FRAMES / 4);
	});
});

describe.each(names)('a stream of %s ends at its source', (stream) => {
	async function streaming(pingMs?: number): Promise<{ record: FrameRecord; peer: Peer }> {
		const record = new FrameRecord();
		api = await startLocalApi(record.engine, { pingMs });
		const peer = await api.connect();
		subscribe(peer, 'run', stream);
		record.publish(1);
		await peer.received(({ type }) => type === 'next');
		return { record, peer };
	}

	it('when the client unsubscribes, while the source waits for news', async () => {
		const { record, peer } = await streaming();
		peer.send({ type: 'complete', id: 'run' });
		await vi.waitUntil(() => record.aborted.has('run'));
		// The connection stays good for the next one.
		subscribe(peer, 'another', stream);
		await peer.received(({ id, type }) => id === 'another' && type === 'next');
	});

	it('when the socket closes', async () => {
		const { record, peer } = await streaming();
		peer.socket.terminate();
		await vi.waitUntil(() => record.aborted.has('run'));
	});

	it('when a peer no longer answers pings', async () => {
		const { record, peer } = await streaming(50);
		peer.socket.pause();
		await vi.waitUntil(() => record.aborted.has('run'), { timeout: 3000 });
	});

	it('when the server goes down, with a code after which clients come back', async () => {
		const { record, peer } = await streaming();
		await api.close();
		expect(await peer.closed).toEqual({ code: 1012, reason: 'Service restart' });
		expect(record.aborted).toContain('run');
	});
});

describe('who may connect', () => {
	it.each([
		['no Origin (not a browser)', {}, true],
		['a listed dashboard', { Origin: 'http://localhost:4621' }, true],
		['another site', { Origin: 'http://evil.test' }, false],
		['a sandboxed page', { Origin: 'null' }, false],
		['a rebound name', { Host: 'evil.test' }, false],
	])('%s', async (_, headers, allowed) => {
		api = await startLocalApi({});
		const connecting = api.connect(headers as { [name: string]: string });
		if (allowed) (await connecting).socket.terminate();
		else await expect(connecting).rejects.toThrow('Unexpected server response: 403');
	});

	it.each([
		['metricStream', 'that has news'],
		['metricStream', 'that is quiet'],
		['liveMetrics', 'that has news'],
		['liveMetrics', 'that is quiet'],
	] as const)('a stream of %s %s ends when its client may no longer read', async (stream, kind) => {
		const record = new FrameRecord();
		const dashboardOrigins = ['http://localhost:4621'];
		api = await startLocalApi(record.engine, { dashboardOrigins, recheckMs: 40 });
		const peer = await api.connect({ Origin: 'http://localhost:4621' });
		subscribe(peer, 'run', stream);
		record.publish(1);
		await peer.received(({ type }) => type === 'next');
		dashboardOrigins.pop();
		const timer = setInterval(() => kind === 'that has news' && record.publish(1), 5);
		const { payload } = await peer.received(({ type }) => type === 'error');
		clearInterval(timer);
		expect(payload).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
		await vi.waitUntil(() => record.aborted.has('run'));
	});

	it('the same host', async () => {
		api = await startLocalApi({});
		(await api.connect({ Origin: api.url })).socket.terminate();
	});
});

describe('one operation', () => {
	it('is refused with the reason: syntax, unknown field, too deep', async () => {
		api = await startLocalApi({});
		const peer = await api.connect();
		const ask = async (id: string, query: string) => {
			peer.send({ type: 'subscribe', id, payload: { query } });
			return (await peer.received((message) => message.id === id)).payload[0];
		};
		expect((await ask('1', '{')).extensions.code).toBe('GRAPHQL_PARSE_FAILED');
		expect((await ask('2', '{ nothing }')).extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
		const nested = `{ run(id: 1) ${'{ sweep { best '.repeat(10)} { id } ${'} }'.repeat(10)} }`;
		expect(await ask('3', nested)).toMatchObject({ extensions: { reason: 'QUERY_DEPTH' } });
		expect((await ask('4', `{ a${'a '.repeat(5000)} }`)).message).toMatch(/token/);
	});

	it('of more than 16 MB ends its socket with the code for that (1009), and nobody else’s', async () => {
		api = await startLocalApi({});
		const [large, other] = await Promise.all([api.connect(), api.connect()]);
		const closed = new Promise<number>((resolve) => large.socket.once('close', resolve));
		large.send({ type: 'subscribe', id: '1', payload: { query: `{ __typename } #${'x'.repeat(16 * 1024 * 1024)}` } });
		expect(await closed).toBe(1009);
		other.send({ type: 'subscribe', id: '1', payload: { query: '{ __typename }' } });
		expect((await other.received(({ type }) => type === 'next')).payload.data).toEqual({ __typename: 'Query' });
	});

	it('with a variable that does not fit, or an error of a resolver, answers as over HTTP', async () => {
		const engine: Partial<Engine> = {
			renewLease: async () => {
				throw new Error('secret detail');
			},
		};
		api = await startLocalApi(engine);
		const peer = await api.connect();
		const query = 'mutation ($lease: LeaseInput!) { renewLease(lease: $lease) { ... on LeaseRenewed { expiresAt } } }';
		for (const lease of [{ runId: '1' }, { runId: '1', token: 'x' }]) {
			const id = JSON.stringify(lease);
			peer.send({ type: 'subscribe', id, payload: { query, variables: { lease } } });
			const [socket] = (await peer.received((message) => message.id === id)).payload.errors;
			const [http] = (await api.graphql(query, { lease })).errors ?? [];
			expect([socket.extensions.code, socket.message.replace(/\w+-[\w-]+/, '')]).toEqual([
				http?.extensions.code,
				http?.message.replace(/\w+-[\w-]+/, ''),
			]);
			expect(http?.message).not.toContain('secret');
		}
	});

	it('and its end come in this order, where many are asked at once', async () => {
		api = await startLocalApi({});
		const peer = await api.connect();
		const ids = Array.from({ length: 50 }, (_, index) => String(index));
		for (const id of ids) peer.send({ type: 'subscribe', id, payload: { query: '{ __typename }' } });
		await peer.received(({ type, id }) => type === 'complete' && id === '49');
		const answers = peer.messages.filter(({ id }) => id !== undefined).map(({ id, type }) => `${type} ${id}`);
		for (const id of ids) {
			expect(answers.indexOf(`next ${id}`)).toBeGreaterThanOrEqual(0);
			expect(answers.indexOf(`complete ${id}`)).toBeGreaterThan(answers.indexOf(`next ${id}`));
		}
		expect(answers).toHaveLength(100);
	});

	it('whose source fails for a passing reason ends, so that the client comes back; a bug is masked', async () => {
		api = await startLocalApi({
			// biome-ignore lint/correctness/useYield: it fails before its first frame.
			async *metricStream({ runIds }) {
				if (runIds[0] === 'away') throw new GraftError('UNAVAILABLE', 'The database is away.');
				throw new Error('secret detail');
			},
		});
		const peer = await api.connect();
		subscribe(peer, 'away');
		expect(await peer.received(({ id }) => id === 'away')).toEqual({ id: 'away', type: 'complete' });
		subscribe(peer, 'bug');
		const { type, payload } = await peer.received(({ id }) => id === 'bug');
		expect(type).toBe('error');
		expect(JSON.stringify(payload)).not.toContain('secret');
		expect(payload[0].extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR', errorId: expect.any(String) });
	});

	it('beyond 500 on one socket is refused', async () => {
		const record = new FrameRecord();
		api = await startLocalApi(record.engine);
		const peer = await api.connect();
		for (let i = 0; i <= 500; i += 1) subscribe(peer, `run ${i}`);
		const refused = await peer.received(({ type }) => type === 'error');
		expect(refused).toMatchObject({ id: 'run 500', payload: [{ extensions: { code: 'BAD_REQUEST' } }] });
	});
});

it('cuts a peer that sends a message beyond the limit', async () => {
	api = await startLocalApi({});
	const peer = await api.connect();
	const large = 'x'.repeat(17 * 1024 * 1024);
	peer.send({ type: 'subscribe', id: '1', payload: { query: '{ __typename }', variables: { large } } });
	expect((await peer.closed).code).toBe(1009);
});
