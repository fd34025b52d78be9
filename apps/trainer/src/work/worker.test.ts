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
			return { kind: 'succeeded', next: null };
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

it('trains what came with the end of the last run, and asks by that token where nothing came', async () => {
	const registered = { heartbeatSeconds: 4, worker: { id: 'w', name: 'w' } };
	const leased = (runId: string) => ({
		__typename: 'LeasedRun' as const,
		lease: { runId, token: `of ${runId}`, attempt: 1, expiresAt: '' },
		run: { id: runId, name: runId },
		spec: {},
		resumeFrom: null,
	});
	const asked: unknown[] = [];
	api = await localApi({
		RegisterWorker: () => ({ registerWorker: { __typename: 'WorkerRegistered', ...registered } }),
		LeaseRun: (variables) => {
			asked.push(variables);
			return { leaseRun: leased(asked.length === 1 ? 'run-1' : 'run-3') };
		},
	});
	const shutdown = new AbortController();
	const trained: string[] = [];
	const given: unknown[] = [];
	const seat: Seat = {
		execute: async ({ lease, next }) => {
			trained.push(lease.runId);
			given.push(next);
			if (trained.length === 1) return { kind: 'succeeded', next: leased('run-2') };
			// Its answer was lost with its process.
			if (trained.length === 2) return { kind: 'abandon', reason: 'died', next: null };
			if (trained.length === 4) return { kind: 'hand-back', reason: 'leaving', troubled: false, next: null };
			shutdown.abort();
			return { kind: 'succeeded', next: leased('run-4') };
		},
		renewNow: () => undefined,
		close: async () => undefined,
	};
	const registration = { name: 'w', backend: 'wasm', slots: 1 };
	const logger = createLogger('test', 'silent');
	const options = { client: api.client, registration, seats: [seat], logger, shutdown: shutdown.signal };
	expect(await work({ ...options, onRegistered: () => undefined })).toBe('shutdown');
	// The last one came while the trainer was asked to leave: its seat hands it back.
	expect(trained).toEqual(['run-1', 'run-2', 'run-3', 'run-4']);
	expect(asked).toEqual([{ workerId: 'w', token: expect.any(String) }, given[1]]);
	expect(new Set(given.map((next) => JSON.stringify(next))).size).toBe(4);
	await api.client.close();
});
