import { createLogger } from '@graft/runtime/logger';
import { afterEach, expect, it } from 'vitest';
import type { Seat } from '../seat/seat.js';
import { type LocalApi, localApi } from '../testing/local-api.js';
import { work } from './worker.js';

let api: LocalApi;
afterEach(() => api.close());

it('asks by itself where no push reaches it, and trains what it is given', async () => {
	let asked = 0;
	const registered = { heartbeatSeconds: 4, worker: { id: 'w', name: 'w' } };
	const lease = { runId: 'run-1', token: 'secret', attempt: 2, expiresAt: '' };
	// It speaks HTTP alone, so that the stream of commands is never heard.
	api = await localApi({
		RegisterWorker: () => ({ registerWorker: { __typename: 'WorkerRegistered', ...registered } }),
		LeaseRun: () => {
			asked += 1;
			const nothing = { __typename: 'NothingToDo', retryAfterSeconds: 0.02, draining: false };
			const run = { __typename: 'LeasedRun', lease, run: { id: 'run-1', name: 'one' }, spec: {}, resumeFrom: null };
			return { leaseRun: asked < 3 ? nothing : run };
		},
	});
	const shutdown = new AbortController();
	const trained: unknown[] = [];
	const seat: Seat = {
		execute: async (job) => {
			trained.push([job.lease, job.attempt]);
			shutdown.abort();
			return { kind: 'succeeded' };
		},
		renewNow: () => undefined,
		close: async () => undefined,
	};
	const registration = { name: 'w', backend: 'wasm', slots: 1 };
	const logger = createLogger('test', 'silent');
	const options = { client: api.client, registration, seats: [seat], logger, shutdown: shutdown.signal };
	expect(await work({ ...options, onRegistered: () => undefined })).toBe('shutdown');
	expect(asked).toBe(3);
	expect(trained).toEqual([[{ runId: 'run-1', token: 'secret' }, 2]]);
	await api.client.close();
});
