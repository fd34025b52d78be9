import { randomUUID } from 'node:crypto';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { race, untilBlocked } from '@graft/testing/race';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { createScene, finish, leaseNext } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	const scene = await createScene(it);
	const one = { ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' as const }], seeds: [0] };
	ok(await it.engine.launchComparison(one));
});
afterEach(() => clone.drop());

const note = (over: object = {}) => ({ kind: 'NOTE', step: 3, message: 'halfway', data: { at: [1, 2] }, ...over });

test('an event that is sent again, even twice at once or after the end, is one event', async () => {
	const { lease, run } = await leaseNext(it);
	const id = randomUUID();
	const first = ok(await it.engine.recordEvent(lease, note({ id })));
	const again = await Promise.all([1, 2, 3].map(() => it.engine.recordEvent(lease, note({ id }))));
	expect(again).toEqual([first, first, first]);
	const other = randomUUID();
	const together = await Promise.all([1, 2, 3].map(() => it.engine.recordEvent(lease, note({ id: other }))));
	expect(new Set(together.map((event) => ok(event).position)).size).toBe(1);
	ok(await finish(it, lease));
	expect(await it.engine.recordEvent(lease, note({ id }))).toEqual(first);
	expect(await it.engine.recordEvent(lease, note({ id: randomUUID() }))).toMatchObject({ kind: 'LeaseLost' });
	const notes = (await it.engine.events(run.id, null, 100)).filter(({ kind }) => kind === 'NOTE');
	expect(notes.map(({ position }) => position)).toEqual([
		first.position,
		together.map((event) => ok(event).position)[0],
	]);
});

test('an event without an id is recorded as often as it comes, and an id that is none is refused', async () => {
	const { lease, run } = await leaseNext(it);
	for (const _ of [1, 2]) ok(await it.engine.recordEvent(lease, note()));
	expect(await it.engine.recordEvent(lease, note({ id: 'mine' }))).toMatchObject({ kind: 'InvalidInput', field: 'id' });
	const events = await it.engine.events(run.id, null, 100);
	expect(events.filter(({ kind }) => kind === 'NOTE')).toHaveLength(2);
});

test('events of one moment, of the holder and of others, each have a position of their own', async () => {
	const { lease, run } = await leaseNext(it);
	for (let round = 0; round < 5; round += 1) {
		const change = round % 2 === 0 ? 'pause' : 'resume';
		const answers = await race<unknown>([
			...[1, 2, 3].map((step) => () => it.engine.recordEvent(lease, note({ step }))),
			() => it.engine.changeRuns([run.id], change),
		]);
		for (const answer of answers) ok(answer.status === 'fulfilled' ? answer.value : Promise.reject(answer.reason));
	}
	const events = await it.engine.events(run.id, null, 100);
	expect(events.filter(({ kind }) => kind === 'NOTE')).toHaveLength(15);
	expect(events.map(({ position }) => position)).toEqual(events.map((_, index) => index + 1));
});

test('an event that waited while its attempt was taken over is not added', async () => {
	const { lease, run } = await leaseNext(it);
	const late = await clone.database.transaction(async (session) => {
		await session.query({ name: '', text: 'SELECT FROM run WHERE id = $1 FOR UPDATE' }, [run.id]);
		const asked = it.engine.recordEvent(lease, note());
		await untilBlocked(clone.database, 1);
		const text = `UPDATE attempt SET ended_at = now(), outcome = 'EXPIRED' WHERE run_id = $1`;
		await session.query({ name: '', text }, [run.id]);
		// A promise in an array is not awaited here, where it could not end.
		return [asked];
	});
	expect(await late[0]).toMatchObject({ kind: 'LeaseLost', reason: expect.stringContaining('ran out') });
	expect((await it.engine.events(run.id, null, 100)).filter(({ kind }) => kind === 'NOTE')).toEqual([]);
});
