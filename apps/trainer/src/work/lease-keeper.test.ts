import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGraftClient } from '@graft/client/node';
import type { Progress } from '@graft/domain/run';
import { createLogger } from '@graft/runtime/logger';
import { afterEach, describe, expect, it } from 'vitest';
import { keepLease, type LeaseKeeper } from './lease-keeper.js';

const lease = { runId: 'run-1', token: 'secret' };
const logger = createLogger('test', 'silent');
const renewed = { __typename: 'LeaseRenewed', expiresAt: '', cancelRequested: false, pauseRequested: false };
const open: { server?: Server; keeper?: LeaseKeeper } = {};

/** An API that knows only `renewLease`; `null` breaks the connection. */
async function keeping(answer: (call: number, progress: Progress | null) => object | null, heartbeatMs = 40) {
	let call = 0;
	const server = createServer((request, response) => {
		let body = '';
		request.on('data', (chunk) => {
			body += chunk;
		});
		request.on('end', () => {
			const renewLease = answer(++call, JSON.parse(body).variables.progress);
			if (renewLease === null) request.socket.destroy();
			else response.end(JSON.stringify({ data: { renewLease } }));
		});
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const client = createGraftClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
	const keeper = keepLease({ client, lease, heartbeatMs, progressMs: 10, logger });
	Object.assign(open, { server, keeper });
	return { keeper, calls: () => call };
}

afterEach(async () => {
	await open.keeper?.stop();
	open.server?.closeAllConnections();
	open.server?.close();
});

const reason = (keeper: LeaseKeeper) => expect.poll(() => keeper.signal.reason?.code, { timeout: 2_000 });
const progress = { phase: 0, epoch: 3, epochs: 9, step: 30, steps: 90, etaSeconds: 2 };

describe('keepLease', () => {
	it('renews at each heartbeat, and sooner when there is progress to tell', async () => {
		const told: (Progress | null)[] = [];
		const { keeper } = await keeping((_, seen) => {
			told.push(seen);
			return renewed;
		}, 400);
		keeper.report(progress);
		await expect.poll(() => told, { timeout: 300 }).toEqual([progress]);
		await expect.poll(() => told.length, { timeout: 1_000 }).toBe(2);
		expect(keeper.signal.aborted).toBe(false);
	});

	it('aborts with the reason that the API gives', async () => {
		const cancelled = await keeping(() => ({ ...renewed, cancelRequested: true }));
		await reason(cancelled.keeper).toBe('CANCELLED');
		await open.keeper?.stop();
		const paused = await keeping(() => ({ ...renewed, pauseRequested: true }));
		await reason(paused.keeper).toBe('SHUTDOWN');
	});

	it('renews at once when told that something changed', async () => {
		const { keeper, calls } = await keeping(() => ({ ...renewed, cancelRequested: true }), 60_000);
		expect(calls()).toBe(0);
		keeper.renewNow();
		await reason(keeper).toBe('CANCELLED');
	});

	it('stops for good when the lease is lost', async () => {
		const { keeper, calls } = await keeping(() => ({ __typename: 'LeaseLost', reason: 'attempt 2 holds it' }));
		await reason(keeper).toBe('LEASE_LOST');
		expect(keeper.signal.reason.message).toContain('attempt 2 holds it');
		await new Promise((resolve) => setTimeout(resolve, 100));
		expect(calls()).toBe(1);
	});

	it('bears a short absence of the API', async () => {
		const { keeper, calls } = await keeping((call) => (call < 4 ? null : renewed), 100);
		await expect.poll(calls, { timeout: 2_000 }).toBeGreaterThan(4);
		expect(keeper.signal.aborted).toBe(false);
	});

	it('gives the lease up when it must have run out, after tries at the pace of the progress', async () => {
		const { keeper, calls } = await keeping(() => null, 100);
		keeper.report(progress);
		await reason(keeper).toBe('LEASE_LOST');
		expect(keeper.signal.reason.message).toContain('No renewal got through');
		// 300 ms of lease, a try every 10 ms at the most.
		expect(calls()).toBeGreaterThan(2);
		expect(calls()).toBeLessThan(40);
	});

	it('is stopped at once, whatever renewal is on its way', async () => {
		let arrived = 0;
		const server = createServer(() => {
			arrived += 1;
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		const client = createGraftClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
		const keeper = keepLease({ client, lease, heartbeatMs: 60_000, progressMs: 10, logger });
		Object.assign(open, { server, keeper });
		keeper.renewNow();
		await expect.poll(() => arrived).toBe(1);
		await keeper.stop();
		expect(keeper.signal.aborted).toBe(false);
	});
});
