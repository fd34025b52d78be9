import { request } from 'node:http';
import { GraftError } from '@graft/domain/error';
import { PROTOCOL_HEADER, PROTOCOL_VERSION } from '@graft/domain/protocol';
import { afterEach, describe, expect, it, vi } from 'vitest';
import WebSocket from 'ws';
import { type LocalApi, startLocalApi } from '../testing/local-api.js';
import { isHostAllowed, isOriginAllowed } from './addresses.js';

let api: LocalApi;
afterEach(() => api?.close());

const post = (body: string, headers: { [name: string]: string } = {}) =>
	fetch(`${api.url}/graphql`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });

describe('what a server answers to', () => {
	const loopback = { host: '127.0.0.1', publicUrl: null, dashboardOrigins: ['http://dash.test'] };
	it.each([
		['127.0.0.1:4620', true],
		['localhost:4620', true],
		['[::1]:4620', true],
		['127.9.9.9', true],
		['graft.localhost:4620', true],
		['evil.test', false],
		['localhost.evil.test', false],
		['127.0.0.1.evil.test', false],
		['192.168.0.9:4620', false],
		['', false],
		[undefined, false],
	])('Host %s on loopback: %s', (host, allowed) => {
		expect(isHostAllowed(host, loopback)).toBe(allowed);
	});
	it('any Host when bound elsewhere, and the public name on loopback', () => {
		expect(isHostAllowed('graft.example.com', { ...loopback, host: '0.0.0.0' })).toBe(true);
		const proxied = { ...loopback, publicUrl: 'https://graft.example.com/api' };
		expect(isHostAllowed('graft.example.com', proxied)).toBe(true);
		expect(isHostAllowed('evil.test', proxied)).toBe(false);
	});
	it.each([
		[undefined, true],
		['http://dash.test', true],
		['http://127.0.0.1:4620', true],
		['http://dash.test:81', false],
		['https://dash.test', false],
		['null', false],
	])('Origin %s: %s', (origin, allowed) => {
		expect(isOriginAllowed(origin, '127.0.0.1:4620', loopback)).toBe(allowed);
	});
});

describe('HTTP', () => {
	it('refuses a rebound Host name', async () => {
		api = await startLocalApi({});
		const status = await new Promise((resolve, reject) => {
			const { hostname, port } = new URL(api.url);
			request({ hostname, port, path: '/healthz', headers: { host: 'evil.test' } }, ({ statusCode }) =>
				resolve(statusCode),
			)
				.on('error', reject)
				.end();
		});
		expect(status).toBe(403);
	});

	it('lets listed origins read, and no other', async () => {
		api = await startLocalApi({});
		const allowed = async (origin: string) =>
			(await post('{"query":"{ __typename }"}', { origin })).headers.get('access-control-allow-origin');
		expect(await allowed('http://localhost:4621')).toBe('http://localhost:4621');
		expect(await allowed('http://evil.test')).toBeNull();
	});

	it('carries headers that make an answer data and nothing else', async () => {
		api = await startLocalApi({});
		const { headers } = await fetch(`${api.url}/healthz`);
		expect(headers.get('x-content-type-options')).toBe('nosniff');
		expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/);
		expect(headers.get('x-powered-by')).toBeNull();
	});

	it('refuses a request that a page elsewhere could send without asking (CSRF)', async () => {
		api = await startLocalApi({});
		expect((await post('{"query":"{ __typename }"}', { 'content-type': 'text/plain' })).status).toBe(400);
		expect((await fetch(`${api.url}/graphql?query={__typename}`)).status).toBe(405);
	});

	it('says what is wrong with a body', async () => {
		api = await startLocalApi({});
		const broken = await post('{"query":');
		expect(broken.status).toBe(400);
		expect(await broken.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
		const large = await post(`{"query":"${'x'.repeat(64 * 1024 * 1024)}"}`);
		expect(large.status).toBe(413);
		expect(await large.json()).toMatchObject({
			errors: [
				{ message: expect.stringContaining('64 MB'), extensions: { reason: 'BODY_TOO_LARGE', limit: 67_108_864 } },
			],
		});
	});

	it.each([
		['an answer', '{"query":"{ __typename }"}'],
		['a query that does not exist', '{"query":"{ nothing }"}'],
		['no query', '{"variables":{}}'],
		['a list', '[1]'],
		['no JSON', '{"query":'],
		['nothing', ''],
	])('answers %s in the same words, whichever way the request takes', async (_, body) => {
		api = await startLocalApi({});
		const see = async (headers: { [name: string]: string }) => {
			const answer = await post(body, headers);
			const { date, ...rest } = Object.fromEntries(answer.headers);
			return { status: answer.status, text: await answer.text(), headers: { ...rest, vary: undefined } };
		};
		// A charset takes the request through Express.
		expect(await see({})).toEqual(await see({ 'content-type': 'application/json; charset=utf-8' }));
	});

	it('refuses a body without a length that turns out too long', async () => {
		api = await startLocalApi({});
		const { hostname, port } = new URL(api.url);
		const status = await new Promise((resolve, reject) => {
			const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' };
			const sent = request({ hostname, port, path: '/graphql', method: 'POST', headers }, (answer) =>
				resolve(answer.resume().statusCode),
			).on('error', reject);
			const part = Buffer.alloc(1024 * 1024, 32);
			for (let megabytes = 0; megabytes < 65; megabytes++) sent.write(part);
			sent.end();
		});
		expect(status).toBe(413);
	});

	it('refuses costly and endless operations', async () => {
		api = await startLocalApi({});
		const bomb = '{ runs(first: 1000) { nodes { events(first: 1000) { kind } } } }';
		expect((await api.graphql(bomb)).errors?.[0]?.extensions.reason).toBe('QUERY_COST');
		expect((await api.graphql(`{ ${'a '.repeat(5000)} }`)).errors?.[0]?.message).toMatch(/token/);
	});

	it('is ready only while the database answers', async () => {
		let away = false;
		api = await startLocalApi(
			{},
			{
				ping: async () => {
					if (away) throw new GraftError('UNAVAILABLE', 'gone');
				},
			},
		);
		const statusOf = async (path: string) => (await fetch(`${api.url}${path}`)).status;
		expect(await statusOf('/readyz')).toBe(200);
		away = true;
		expect(await statusOf('/readyz')).toBe(503);
		expect(await statusOf('/healthz')).toBe(200);
		expect(await statusOf('/nothing')).toBe(404);
	});

	it('stays ready while the artifact store is away, and says so', async () => {
		const trouble = 'The artifact store (bucket b) does not answer: gone';
		const artifacts = { check: () => Promise.reject(new GraftError('UNAVAILABLE', trouble)) };
		api = await startLocalApi({}, { artifacts: artifacts as never });
		const response = await fetch(`${api.url}/readyz`);
		expect([response.status, await response.text()]).toEqual([200, `ok\n${trouble}\n`]);
	});

	it('shuts down with a request under way: it is answered, and nothing new is accepted', async () => {
		let answer: (value: null) => void = () => undefined;
		let asked: () => void = () => undefined;
		const underWay = new Promise<void>((resolve) => (asked = resolve));
		api = await startLocalApi({
			run: () => {
				asked();
				return new Promise<null>((resolve) => (answer = resolve));
			},
		});
		const response = api.graphql('{ run(id: "x") { id } }');
		await underWay;
		const closed = api.close();
		await expect(fetch(`${api.url}/healthz`)).rejects.toThrow();
		answer(null);
		expect((await response).data).toEqual({ run: null });
		await closed;
	});
});

describe('an address that cannot be listened on', () => {
	it('names the port and what to do', async () => {
		api = await startLocalApi({});
		const port = Number(new URL(api.url).port);
		await expect(startLocalApi({}, { port })).rejects.toMatchObject({
			code: 'UNAVAILABLE',
			message: `Port ${port} on 127.0.0.1 is taken: is Graft running already? Stop it, or choose another port with --port or GRAFT_PORT.`,
		});
	});
	it('names a host that is not ours', async () => {
		// 192.0.2.0/24 is for documents (RFC 5737): no machine has it.
		await expect(startLocalApi({}, { host: '192.0.2.1' })).rejects.toThrow(
			/192\.0\.2\.1 is no address of this machine/,
		);
	});
});

it('tells a client of another age what is to be updated, over HTTP and over WebSocket', async () => {
	api = await startLocalApi({});
	const answer = await post('{"query":"{ __typename }"}', { [PROTOCOL_HEADER]: '0' });
	expect(answer.status).toBe(400);
	expect(await answer.json()).toMatchObject({
		errors: [{ message: expect.stringMatching(/too old/), extensions: { code: 'CLIENT_TOO_OLD' } }],
	});
	expect((await post('{"query":"{ __typename }"}', { [PROTOCOL_HEADER]: String(PROTOCOL_VERSION) })).status).toBe(200);
	const socket = new WebSocket(`${api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
	const closed = new Promise<string>((resolve) => socket.once('close', (_code, reason) => resolve(String(reason))));
	socket.once('open', () => socket.send(`{"type":"connection_init","payload":{"${PROTOCOL_HEADER}":99}}`));
	expect(await closed).toMatch(/^API_TOO_OLD/);
});

it('gives Prometheus the queue, what trains, and its own process', async () => {
	const load = vi.fn(async () => ({
		queuedRuns: 7,
		oldestQueuedSeconds: 3.5,
		training: [{ worker: 'gpu-1', step: 42 }],
	}));
	api = await startLocalApi({ load });
	const response = await fetch(`${api.url}/metrics`);
	expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
	const text = await response.text();
	for (const line of ['graft_queue_runs 7', 'graft_trainer_step{worker="gpu-1"} 42', 'graft_lease_expiries_total 0'])
		expect(text).toContain(line);
	expect(text).toMatch(/^process_cpu_seconds_total /m);
	load.mockResolvedValueOnce({ queuedRuns: 0, oldestQueuedSeconds: 0, training: [] });
	expect(await (await fetch(`${api.url}/metrics`)).text()).not.toContain('gpu-1');
	load.mockRejectedValueOnce(new GraftError('UNAVAILABLE', 'away'));
	expect((await fetch(`${api.url}/metrics`)).status).toBe(503);
});
