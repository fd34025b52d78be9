import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RunUpdate } from '../contract/inputs.js';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, finish, leaseNext, type Scene } from '../testing/scene.js';
import { take } from '../testing/take.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
let stop: AbortController;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
	stop = new AbortController();
});
afterEach(async () => {
	stop.abort();
	await clone.drop();
});

const launch = async (over = {}) => ok(await it.engine.launchComparison({ ...scene.launch, ...over }));

describe('runUpdates', () => {
	const updates = (after: string | null, signal: AbortSignal) =>
		it.engine.runUpdates({ experimentId: scene.experiment.id, runIds: null, after }, signal);

	test('begins with the runs as they stand, then tells what changed', async () => {
		const runs = await launch();
		const reader = updates(null, stop.signal)[Symbol.asyncIterator]();
		const first: string[] = [];
		for (const _ of runs) first.push((await reader.next()).value.run.id);
		expect(first.toSorted()).toEqual(runs.map(({ id }) => id).toSorted());
		const next = reader.next();
		const { lease } = await leaseNext(it);
		expect((await next).value).toMatchObject({
			run: { id: lease.runId, status: 'RUNNING' },
			changed: ['status', 'startedAt'],
		});
		const progress = { phase: 0, epoch: 1, epochs: 2, step: 10, steps: 20, etaSeconds: 3 };
		ok(await it.engine.renewLease(lease, progress));
		expect((await reader.next()).value).toMatchObject({ run: { progress }, changed: ['progress'] });
		ok(await finish(it, lease));
		expect((await reader.next()).value).toMatchObject({ changed: ['status', 'finishedAt'] });
		ok(await it.engine.changeRuns([lease.runId], 'delete'));
		expect((await reader.next()).value).toMatchObject({ changed: ['deleted'] });
		ok(await it.engine.changeRuns([lease.runId], 'restore'));
		expect((await reader.next()).value).toMatchObject({ changed: expect.arrayContaining(['status', 'name']) });
	});

	test('a transaction that commits late is not missed by a reader that has seen later ones', async () => {
		const [slow, fast] = await launch({ seeds: [0] });
		const reader = updates(null, stop.signal)[Symbol.asyncIterator]();
		let cursor = '';
		for (let frame = 0; frame < 2; frame++) cursor = (await reader.next()).value.cursor;
		const other = await clone.open();
		await other.transaction(async (session) => {
			// It has its number now, and commits after the one below, which has a higher one.
			await session.query({ name: '', text: `UPDATE run SET name = 'slow' WHERE id = $1` }, [slow?.id]);
			ok(await it.engine.tagRuns([fast?.id ?? ''], { add: ['fast'], remove: [] }));
			const { value } = await reader.next();
			expect(value).toMatchObject({ run: { id: fast?.id }, changed: ['tags'] });
			cursor = value.cursor;
		});
		// On the same stream, and on one that continues from the cursor of the later change.
		ok(await it.engine.tagRuns([fast?.id ?? ''], { add: ['again'], remove: [] }));
		const names = async (stream: AsyncIterator<RunUpdate>) => [
			(await stream.next()).value.run.name,
			(await stream.next()).value.run.tags,
		];
		expect(await names(reader)).toEqual(['slow', ['fast', 'again']]);
		const resumed = await take(
			(signal) => updates(cursor, signal),
			(frames) => frames.length === 2,
		);
		expect(resumed.map(({ run }) => run.name).includes('slow')).toBe(true);
		expect(resumed.map(({ run }) => run.id).toSorted()).toEqual([slow?.id, fast?.id].toSorted());
	});

	test('concurrent writers and a reader that reconnects: the last frame of each run is its last state', async () => {
		const runs = await launch({ seeds: [0, 1, 2, 3, 4] });
		const ids = runs.map(({ id }) => id);
		const change = async (id: string | undefined, tag: string) =>
			ok(await it.engine.tagRuns([id ?? ''], { add: [tag], remove: [] }));
		let isEnding = false;
		const writing = Promise.all(
			[0, 1, 2, 3].map(async (writer) => {
				for (let turn = 0; turn < 25; turn++)
					await change(ids[(writer * 7 + turn * 3) % ids.length], `w${writer}c${turn}`);
			}),
		).then(() => {
			// A reader may be told of the last change before its writer is: what it waits for must come after it knows.
			isEnding = true;
			return change(ids[0], 'end');
		});
		const last = new Map<string, RunUpdate>();
		const seen = new Set<string>();
		let cursor: string | null = null;
		const complete = async () =>
			last.get(ids[0] ?? '')?.run.tags.includes('end') === true &&
			(
				await it.engine
					.runs({ first: 100, after: null, filter: { experimentId: scene.experiment.id }, orderBy: [] })
					.then(ok)
			).items.every(({ node }) => last.get(node.id)?.run.revision === node.revision);
		for (let cut = 1; !(await complete()); cut = (cut % 5) + 1) {
			for (const update of await take(
				(signal) => updates(cursor, signal),
				(frames) => frames.length >= cut || isEnding,
			)) {
				const key = `${update.run.id} ${update.run.revision}`;
				expect(seen.has(key)).toBe(false);
				seen.add(key);
				expect(update.run.revision).toBeGreaterThan(last.get(update.run.id)?.run.revision ?? 0);
				last.set(update.run.id, update);
				cursor = update.cursor;
			}
		}
		await writing;
		expect([...last.values()].flatMap(({ run }) => run.tags)).toHaveLength(101);
	});

	test('a launch of many runs in one transaction may be cut anywhere', async () => {
		const runs = await launch({ seeds: Array.from({ length: 150 }, (_, seed) => seed) });
		const ids: string[] = [];
		let cursor: string | null = null;
		while (ids.length < runs.length) {
			for (const update of await take(
				(signal) => updates(cursor, signal),
				(frames) => frames.length >= 37 || ids.length + frames.length === runs.length,
			)) {
				ids.push(update.run.id);
				cursor = update.cursor;
			}
		}
		expect(new Set(ids).size).toBe(300);
		expect(ids).toHaveLength(300);
		expect((cursor ?? '').length).toBeLessThan(400);
	});
});
