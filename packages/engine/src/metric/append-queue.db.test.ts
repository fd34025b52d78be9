import type { Database, Statement } from '@graft/database/connection';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { createBarrier, untilBlocked } from '@graft/testing/race';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashToken } from '../lease/token.js';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf } from '../testing/scene.js';
import { createAppendQueue } from './append-queue.js';

let clone: TestDatabase;
let it: TestEngine;
beforeEach(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
});
afterEach(() => clone.drop());

const script = { backboneId: null, datasetId: null, strategy: null, name: null, config: {}, seed: null, tags: [] };

/** Leases of so many runs of a script. */
async function leases(count: number) {
	const experiment = ok(
		await it.engine.createExperiment({ name: 'e', description: null, metric: 'loss', direction: 'MINIMIZE' }),
	);
	const make = async () => {
		const created = ok(await it.engine.createRun({ ...script, experimentId: experiment.id }));
		return created.lease;
	};
	return Promise.all(Array.from({ length: count }, make));
}

const append = ({ runId, token }: { runId: string; token: string }, batch = batchOf(1, 'loss', 1, [1])) => ({
	runId,
	tokenHash: hashToken(token),
	batch,
});

/** The database, and the names of the statements that it was asked. */
function watched(): { database: Database; asked: string[] } {
	const asked: string[] = [];
	const query = <Row>(statement: Statement, values?: readonly unknown[]) => {
		asked.push(statement.name);
		return clone.database.query<Row>(statement, values);
	};
	return { database: { ...clone.database, query }, asked };
}

test('batches of one moment are one statement, those of one run one after the other', async () => {
	const held = await leases(20);
	const { database, asked } = watched();
	const queue = createAppendQueue(database);
	const first = held.map((lease) => queue.append(append(lease)));
	const second = held.map((lease) => queue.append(append(lease, batchOf(2, 'loss', 2, [2]))));
	expect(await Promise.all([...first, ...second])).toEqual(new Array(40).fill(1));
	expect(asked).toEqual(['append-metrics', 'append-metrics']);
});

test('a batch that is not its attempt’s next one leaves the others alone', async () => {
	const [one, two, three] = (await leases(3)) as [never, never, never];
	const queue = createAppendQueue(clone.database);
	const stolen = { ...append(two), tokenHash: hashToken('stolen') };
	const answers = [append(one), stolen, append(three, batchOf(7, 'loss', 1, [1]))].map(queue.append);
	expect(await Promise.all(answers)).toEqual([1, null, null]);
});

test('a batch that PostgreSQL refuses fails alone', async () => {
	const [one, two] = (await leases(2)) as [never, never];
	const queue = createAppendQueue(clone.database);
	const refused = queue.append(append(two, batchOf(1, 'a\0b', 1, [1])));
	const stored = queue.append(append(one));
	await expect(refused).rejects.toThrow(/invalid byte sequence/);
	expect(await stored).toBe(1);
});

test('an attempt that somebody has locked keeps nobody else waiting, and its batch is stored when it is free', async () => {
	const [one, two] = await leases(2);
	if (one === undefined || two === undefined) throw new Error('two leases');
	const [locked, release] = [createBarrier(2), createBarrier(2)];
	const holder = clone.database.transaction(async ({ query }) => {
		await query({ name: '', text: 'SELECT 1 FROM attempt WHERE run_id = $1 FOR NO KEY UPDATE' }, [one.runId]);
		await locked();
		await release();
	});
	await locked();
	const late = it.engine.logMetrics(one, batchOf(1, 'loss', 1, [1]));
	expect(await it.engine.logMetrics(two, batchOf(1, 'loss', 1, [1]))).toMatchObject({ duplicate: false });
	await untilBlocked(clone.database, 1);
	await release();
	await holder;
	expect(await late).toMatchObject({ kind: 'MetricsLogged', duplicate: false });
});
