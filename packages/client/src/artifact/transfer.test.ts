import { afterEach, expect, it } from 'vitest';
import { type LocalServer, localServer } from '../testing/local-server.js';
import { transfer } from './transfer.js';

const SILENCE_MS = 100;
let server: LocalServer | undefined;
afterEach(() => server?.close());

const get = (url: string, init: RequestInit = {}, signal?: AbortSignal) =>
	transfer(url, url, init, signal, SILENCE_MS).then(
		({ status, bytes }) => `${status} ${new TextDecoder().decode(bytes)}`,
	);

it('takes as long as bytes come, and joins them', async () => {
	server = await localServer({
		http: (_, __, response) => {
			const parts = ['one ', 'two ', 'three ', 'four ', 'five'];
			const timer = setInterval(() => {
				const part = parts.shift();
				if (part !== undefined) return void response.write(part);
				clearInterval(timer);
				response.end();
			}, SILENCE_MS / 2);
		},
	});
	expect(await get(server.url)).toBe('200 one two three four five');
});

it.each([
	['before an answer', () => undefined],
	['within one', (_: unknown, __: unknown, response: { write(text: string): unknown }) => void response.write('half')],
])('gives up a peer that falls silent %s', async (_, http) => {
	server = await localServer({ http });
	await expect(get(server.url)).rejects.toMatchObject({
		code: 'UNAVAILABLE',
		message: expect.stringContaining('nothing came for 0.1 s'),
	});
	const why = new Error('the caller left');
	await expect(get(server.url, {}, AbortSignal.abort(why))).rejects.toBe(why);
});

it('gives what is sent the time that a slow line takes', async () => {
	const body = new Uint8Array(32 * 1000);
	server = await localServer({
		http: (_, sent, response) => void setTimeout(() => response.end(`${sent.length}`), 300),
	});
	expect(await get(server.url, { method: 'PUT', body })).toBe('200 32000');
});
