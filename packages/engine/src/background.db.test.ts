import { createLogger } from '@graft/runtime/logger';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { until, untilBlocked } from '@graft/testing/race';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DEFAULT_ENGINE_SETTINGS } from './contract/settings.js';
import { NO_TELEMETRY } from './contract/telemetry.js';
import { createEngine, type RunningEngine } from './create-engine.js';
import { createMemoryStore, createTestEngine, letLeaseRunOut, ok } from './testing/create-test-engine.js';
import { createScene, leaseNext } from './testing/scene.js';

let clone: TestDatabase;
let engine: RunningEngine;
let counted: string[];
beforeEach(async () => {
	clone = await createTestDatabase();
	counted = [];
});
afterEach(async () => {
	await engine.stop();
	await clone.drop();
});

function startEngine(leaseSeconds: number): Promise<void> {
	const lease = { ...DEFAULT_ENGINE_SETTINGS.lease, leaseSeconds };
	const settings = { ...DEFAULT_ENGINE_SETTINGS, reapSeconds: 0.02, streamPollSeconds: 0.05, lease };
	const logger = createLogger('test', 'error');
	const telemetry = { ...NO_TELEMETRY, leaseExpired: () => void counted.push('expiry') };
	const artifactStore = createMemoryStore();
	engine = createEngine({ database: clone.database, artifactStore, settings, logger, telemetry });
	return engine.start();
}

async function passed(ms: number): Promise<void> {
	const since = performance.now();
	await until(() => performance.now() - since > ms);
}

test('takes a run back without being asked, and tells the streams', async () => {
	const quiet = createTestEngine(clone.database);
	const scene = await createScene(quiet);
	ok(await quiet.engine.launchComparison({ ...scene.launch, seeds: [0], strategies: [{ kind: 'FROM_SCRATCH' }] }));
	const { run } = await leaseNext(quiet);
	await startEngine(0.2);
	const stop = new AbortController();
	const reader = engine
		.runUpdates({ experimentId: null, runIds: [run.id], after: null }, stop.signal)
		[Symbol.asyncIterator]();
	expect((await reader.next()).value.run.status).toBe('RUNNING');
	const next = reader.next();
	await letLeaseRunOut(clone.database, run.id);
	expect((await next).value.run.status).toBe('QUEUED');
	expect(counted).toEqual(['expiry']);
	stop.abort();
});

test('takes nothing back for one lease after the database was away, so that trainers can renew', async () => {
	const quiet = createTestEngine(clone.database);
	const scene = await createScene(quiet);
	ok(await quiet.engine.launchComparison({ ...scene.launch, seeds: [0], strategies: [{ kind: 'FROM_SCRATCH' }] }));
	const { lease, run } = await leaseNext(quiet);
	await startEngine(0.6);
	const session = await clone.open();
	await session.transaction(async (work) => {
		await work.query({ name: '', text: 'LOCK TABLE attempt IN ACCESS EXCLUSIVE MODE' });
		await untilBlocked(clone.database, 1);
		const text = `UPDATE attempt SET lease_expires_at = now() - interval '1 second'`;
		await work.query({ name: '', text });
		// Two thirds of the lease.
		await passed(450);
	});
	await passed(200);
	expect((await engine.run(run.id))?.status).toBe('RUNNING');
	const renewed = ok(await engine.renewLease(lease, null));
	await until(async () => (await engine.run(run.id))?.status === 'QUEUED');
	expect(Date.now()).toBeGreaterThan(renewed.expiresAt.getTime());
});

test('takes nothing back within one lease of its start, so that trainers can come back', async () => {
	const quiet = createTestEngine(clone.database);
	const scene = await createScene(quiet);
	ok(await quiet.engine.launchComparison({ ...scene.launch, seeds: [0], strategies: [{ kind: 'FROM_SCRATCH' }] }));
	const { lease, run, workerId } = await leaseNext(quiet);
	await letLeaseRunOut(clone.database, run.id);
	await startEngine(3600);
	expect(ok(await engine.leaseRun(workerId)).kind).toBe('NothingToDo');
	expect((await engine.run(run.id))?.status).toBe('RUNNING');
	expect(ok(await engine.renewLease(lease, null)).cancelRequested).toBe(false);
});

test('a stream that no notification reached looks again by itself', async () => {
	await startEngine(60);
	// This engine was not started, so that nobody hears of what it does.
	const silent = createTestEngine(clone.database);
	const scene = await createScene(silent);
	const stop = new AbortController();
	const query = { experimentId: scene.experiment.id, runIds: null, after: null };
	const reader = engine.runUpdates(query, stop.signal)[Symbol.asyncIterator]();
	let seen = 0;
	const reading = (async () => {
		for (seen = 0; seen < 2; seen++) await reader.next();
	})();
	const text = `UPDATE run SET experiment_id = $1`;
	await clone.database.query({ name: '', text }, [scene.experiment.id]);
	await until(() => seen >= 1);
	await clone.database.query({ name: '', text: `UPDATE run SET name = 'changed'` });
	await reading;
	stop.abort();
});
