import { afterEach, describe, expect, it } from 'vitest';
import { createGraftClient } from '../node/index.js';
import { type LocalServer, type LocalServerOptions, localServer, type Operation } from '../testing/local-server.js';
import type { GraftClient } from './client.js';
import type { ConnectionState } from './connection.js';
import type { TypedDocument } from './typed-document.js';

const open: { client?: GraftClient; server?: LocalServer } = {};

async function start(options: LocalServerOptions): Promise<{ client: GraftClient; server: LocalServer }> {
	const server = await localServer(options);
	const client = createGraftClient({ url: server.url });
	Object.assign(open, { client, server });
	return { client, server };
}

afterEach(async () => {
	await open.client?.close();
	await open.server?.close();
});

interface Frame {
	readonly metricStream: { readonly cursor: string; readonly value: number };
}
const hello = 'query Hello { hello }' as unknown as TypedDocument<{ hello: string }, { name?: string }>;
const stream = 'subscription Metrics { metricStream }' as unknown as TypedDocument<
	Frame,
	{ runIds: string[]; after?: string | null }
>;
const cursorOf = (frame: Frame) => frame.metricStream.cursor;

describe('request', () => {
	it('sends document and variables and answers with the data', async () => {
		let seen: unknown;
		const { client } = await start({
			http: (request, body, response) => {
				seen = { url: request.url, ...JSON.parse(String(body)) };
				response.end(JSON.stringify({ data: { hello: 'world' } }));
			},
		});
		expect(await client.request(hello, { name: 'x' })).toEqual({ hello: 'world' });
		expect(seen).toEqual({ url: '/graphql', query: 'query Hello { hello }', variables: { name: 'x' } });
	});

	it('says which address could not be reached and what to do', async () => {
		const { client, server } = await start({});
		await server.close();
		await expect(client.request(hello, {})).rejects.toMatchObject({
			code: 'UNAVAILABLE',
			message: expect.stringMatching(/Graft API at http:\/\/127\.0\.0\.1:\d+\/graphql .*ECONNREFUSED.*npm start/s),
		});
	});

	it('gives up on a silent server and keeps the reason of the caller who aborts', async () => {
		const { client } = await start({ http: () => undefined });
		await expect(client.request(hello, {}, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
		const aborted = client.request(hello, {}, { signal: AbortSignal.timeout(50) });
		await expect(aborted).rejects.toMatchObject({ name: 'TimeoutError' });
	});

	it.each([
		['BAD_USER_INPUT', 'CONFIGURATION'],
		['UNAVAILABLE', 'UNAVAILABLE'],
		['INTERNAL_SERVER_ERROR', 'BUG'],
	])('takes errors in the answer apart: %s is %s', async (extension, code) => {
		const errors = [{ message: 'No.', path: ['run'], extensions: { code: extension } }];
		const { client } = await start({ http: (_, __, response) => response.end(JSON.stringify({ errors })) });
		await expect(client.request(hello, {})).rejects.toMatchObject({
			code,
			message: expect.stringContaining('No. (at run)'),
		});
	});

	it('notices that something else lives at the address', async () => {
		const { client } = await start({ http: (_, __, response) => response.end('<html>') });
		await expect(client.request(hello, {})).rejects.toMatchObject({
			code: 'CONFIGURATION',
			message: expect.stringContaining('did not answer as a Graft API'),
		});
	});

	it('refuses an address that is none', () => {
		expect(() => createGraftClient({ url: 'localhost' })).toThrow(/"localhost" is not an address/);
	});
});

describe('a request while a stream keeps the socket open', () => {
	type Answer = (operation: Operation) => void;
	/** One stream that stays open, and `answer` for all other operations of the socket; HTTP answers that it was HTTP. */
	async function withStream(answer: Answer) {
		const started = await start({
			http: (_, __, response) => response.end(JSON.stringify({ data: { hello: 'over http' } })),
			onSubscribe: (operation) => void (operation.query.startsWith('query') && answer(operation)),
		});
		const online = new Promise<void>((resolve) =>
			started.client.onConnectionChange((state) => state === 'online' && resolve()),
		);
		const frames = started.client.subscribe(stream, { runIds: [] });
		const reading = frames.next();
		await online;
		return { ...started, frames, reading };
	}

	it('takes the socket, and HTTP where it is long or no stream is left', async () => {
		const { client, server, frames, reading } = await withStream(({ variables, next, complete }) => {
			next({ data: { hello: `${variables.name} over the socket` } });
			complete();
		});
		expect(await client.request(hello, { name: 'x' })).toEqual({ hello: 'x over the socket' });
		expect(await client.request(hello, { name: 'x'.repeat(300_000) })).toEqual({ hello: 'over http' });
		await frames.return?.();
		await reading;
		expect(await client.request(hello, { name: 'x' })).toEqual({ hello: 'over http' });
		expect(server.operations.map(({ query }) => query.split(' ')[0])).toEqual(['subscription', 'query']);
	});

	it.each<[string, Answer, object]>([
		['errors of the API', ({ error }) => error([{ message: 'No.' }]), { code: 'BUG', message: /No\./ }],
		['an answer with errors', ({ next }) => next({ errors: [{ message: 'No.' }] }), { code: 'BUG' }],
		['a cut', () => open.server?.cut(), { code: 'UNAVAILABLE', message: /the connection was cut/ }],
	])('tells %s', async (_, answer, { message, ...expected }: { message?: RegExp }) => {
		const { client } = await withStream(answer);
		await expect(client.request(hello, {})).rejects.toMatchObject({
			...expected,
			...(message ? { message: expect.stringMatching(message) } : {}),
		});
	});

	it('opens the socket itself where it is to keep it, and anew after a cut', async () => {
		const server = await localServer({
			onSubscribe: ({ next, complete }) => {
				next({ data: { hello: 'over the socket' } });
				complete();
			},
		});
		const client = createGraftClient({ url: server.url, keepsSocket: true });
		Object.assign(open, { client, server });
		const states: ConnectionState[] = [];
		client.onConnectionChange((state) => states.push(state));
		await Promise.all([client.request(hello, {}), client.request(hello, {})]);
		expect(await client.request(hello, {})).toEqual({ hello: 'over the socket' });
		server.cut();
		await expect.poll(() => states).toEqual(['connecting', 'online', 'idle']);
		expect(await client.request(hello, {})).toEqual({ hello: 'over the socket' });
		await server.close();
		await expect.poll(() => client.connectionState()).toBe('idle');
		await expect(client.request(hello, {})).rejects.toMatchObject({ code: 'UNAVAILABLE' });
		expect(server.operations).toHaveLength(4);
	});

	it('gives up a socket on which nothing comes any more, and heeds the signal of the caller', async () => {
		const { client } = await withStream(() => undefined);
		const asked = client.request(hello, {}, { signal: AbortSignal.timeout(20) });
		await expect(asked).rejects.toMatchObject({ name: 'TimeoutError' });
		const states: ConnectionState[] = [];
		client.onConnectionChange((state) => states.push(state));
		await expect(client.request(hello, {}, { timeoutMs: 20 })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
		await expect.poll(() => states).toEqual(['offline', 'online']);
	});
});

describe('streamWithCursor', () => {
	/** Serves 1, 2, 3 … up to `last` after the cursor, cutting the socket after every third frame. */
	function counting(last: number, cutEvery: number): LocalServerOptions {
		return {
			onSubscribe: (operation) => {
				const after = Number(operation.variables.after ?? 0);
				const until = Math.min(last, after + cutEvery);
				for (let value = after + 1; value <= until; value += 1) {
					operation.next({ data: { metricStream: { cursor: String(value), value } } });
				}
				if (until < last) setTimeout(() => open.server?.cut(), 5);
			},
		};
	}

	it('neither loses nor repeats a frame over any number of cuts', async () => {
		const { client, server } = await start(counting(14, 3));
		const values: number[] = [];
		for await (const frame of client.streamWithCursor(stream, { runIds: ['r'] }, cursorOf)) {
			values.push(frame.metricStream.value);
			if (values.length === 14) break;
		}
		expect(values).toEqual(Array.from({ length: 14 }, (_, index) => index + 1));
		expect(server.operations.map(({ variables }) => variables)).toEqual(
			[null, '3', '6', '9', '12'].map((after) => ({ runIds: ['r'], after })),
		);
	});

	it('goes on when the server was away for a while, and tells the connection state', async () => {
		const { client, server } = await start({
			onSubscribe: (operation) => {
				const value = Number(operation.variables.after ?? 0) + 1;
				operation.next({ data: { metricStream: { cursor: String(value), value } } });
			},
		});
		const states: ConnectionState[] = [];
		client.onConnectionChange((state) => states.push(state));
		const frames = client.streamWithCursor(stream, { runIds: [] }, cursorOf);
		expect((await frames.next()).value.metricStream.value).toBe(1);
		await server.close();
		const next = frames.next();
		await expect.poll(() => states.at(-1)).toBe('offline');
		await server.reopen();
		expect((await next).value.metricStream.value).toBe(2);
		expect(states).toEqual(['connecting', 'online', 'offline', 'online']);
		await frames.return?.();
		await expect.poll(() => states.at(-1)).toBe('idle');
	});

	it('treats an end from the server as a cut', async () => {
		const { client } = await start({
			onSubscribe: (operation) => {
				const value = Number(operation.variables.after ?? 0) + 1;
				operation.next({ data: { metricStream: { cursor: String(value), value } } });
				operation.complete();
			},
		});
		const frames = client.streamWithCursor(stream, { runIds: [] }, cursorOf);
		expect((await frames.next()).value.metricStream.value).toBe(1);
		expect((await frames.next()).value.metricStream.value).toBe(2);
		await frames.return?.();
	});

	it('leaves the stream when the reader is slow, and takes it up again where it stopped', async () => {
		const { client, server } = await start({
			onSubscribe: async (operation) => {
				for (let value = Number(operation.variables.after ?? 0) + 1; value <= 2_500 && !operation.ended(); value += 1) {
					operation.next({ data: { metricStream: { cursor: String(value), value } } });
					if (value % 100 === 0) await new Promise(setImmediate);
				}
			},
		});
		const frames = client.streamWithCursor(stream, { runIds: [] }, cursorOf);
		const values = [(await frames.next()).value.metricStream.value];
		await expect.poll(() => server.operations[0]?.ended()).toBe(true);
		while (values.length < 2_500) values.push((await frames.next()).value.metricStream.value);
		expect(values).toEqual(Array.from({ length: 2_500 }, (_, index) => index + 1));
		expect(server.operations.length).toBeGreaterThan(1);
		await frames.return?.();
	});

	it('throws what a new try cannot heal', async () => {
		const { client } = await start({
			onSubscribe: (operation) => operation.error([{ message: 'There is no run x.' }]),
		});
		const frames = client.streamWithCursor(stream, { runIds: ['x'] }, cursorOf);
		await expect(frames.next()).rejects.toMatchObject({ message: expect.stringContaining('There is no run x.') });
	});

	it('tells the server when the reader leaves, by return, by abort and by close', async () => {
		const { client, server } = await start({});
		const leave = new AbortController();
		const first = client.streamWithCursor(stream, { runIds: [] }, cursorOf);
		const second = client.streamWithCursor(stream, { runIds: [] }, cursorOf, { signal: leave.signal });
		const third = client.subscribe(stream, { runIds: [] });
		const waiting = [first.next(), second.next(), third.next()];
		await expect.poll(() => server.operations.length).toBe(3);
		await first.return?.();
		leave.abort();
		await expect.poll(() => server.operations.map((operation) => operation.ended())).toEqual([true, true, false]);
		await client.close();
		expect(await Promise.all(waiting)).toEqual([1, 2, 3].map(() => ({ done: true, value: undefined })));
	});
});
