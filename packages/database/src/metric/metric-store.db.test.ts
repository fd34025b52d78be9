import { cellsOfPoints, coarsen } from '@graft/domain/metric';
import { migrations } from '@graft/migrations';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterEach, expect, test } from 'vitest';
import { encodeBatch } from './batch-codec.js';
import { encodeCells } from './cell-codec.js';
import { encodeFloats, encodeIntegers, packValues } from './chunk-codec.js';
import { findRunRecords, findSummaries, readBatchesAfter, readCells, readSeries, settleCheckpoints } from './index.js';

let clone: TestDatabase;
afterEach(() => clone.drop());

const EXPERIMENT = '00000000-0000-7000-8000-000000000001';
const RUN = '00000000-0000-7000-8000-000000000002';

async function addRun({ database }: TestDatabase): Promise<void> {
	await database.query({
		name: '',
		text: `INSERT INTO experiment (id, name, metric, direction) VALUES ('${EXPERIMENT}', 'e', 'loss', 'MINIMIZE')`,
	});
	await database.query({
		name: '',
		text: `INSERT INTO run (id, experiment_id, name, status, config, attempts)
			VALUES ('${RUN}', '${EXPERIMENT}', 'r', 'RUNNING', '{}', 1)`,
	});
	await database.query({
		name: '',
		text: `INSERT INTO attempt (run_id, number, token_hash, lease_expires_at) VALUES ('${RUN}', 1, '', now())`,
	});
}

const partitions = async () =>
	clone.database.query<{ name: string }>({
		name: '',
		text: `SELECT relname AS name FROM pg_class WHERE relispartition AND relkind = 'r' ORDER BY relname`,
	});

test('an experiment has partitions of its own, which go with it at once', async () => {
	clone = await createTestDatabase();
	expect(await partitions()).toEqual([]);
	await addRun(clone);
	const hex = EXPERIMENT.replaceAll('-', '');
	expect(await partitions()).toEqual([{ name: `metric_batch_${hex}` }, { name: `metric_chunk_${hex}` }]);
	await clone.database.query({
		name: '',
		text: `INSERT INTO metric_batch (experiment_id, run_id, attempt, sequence, points, body)
			SELECT '${EXPERIMENT}', '${RUN}', 1, number, 1, '' FROM generate_series(1, 1000) AS number`,
	});
	const stored = async () =>
		(
			await clone.database.query<{ count: number }>({ name: '', text: 'SELECT count(*) AS count FROM metric_batch' })
		)[0];
	expect(await stored()).toEqual({ count: 1000 });
	await clone.database.query({ name: '', text: 'DELETE FROM attempt' });
	await clone.database.query({ name: '', text: 'DELETE FROM run' });
	await clone.database.query({ name: '', text: 'DELETE FROM experiment' });
	expect(await partitions()).toEqual([]);
	expect(await stored()).toEqual({ count: 0 });
});

test('points of the first layout stay readable', async () => {
	clone = await createTestDatabase('empty');
	const runner = clone.database.dataSource.createQueryRunner();
	const [first, ...later] = migrations;
	if (first === undefined) throw new Error('there are no migrations');
	await new first().up(runner);
	await addRun(clone);
	for (const sequence of [1, 2]) {
		const steps = Float64Array.of(sequence * 10, sequence * 10 + 1);
		await clone.database.query(
			{
				name: '',
				text: `INSERT INTO metric_chunk VALUES ('${RUN}', 1, $1, 'loss', 2, 0, $2, $3, 0, 0, 0, 0, 0, $4, $5, $6)`,
			},
			[sequence, steps[0], steps[1], encodeIntegers(steps), encodeIntegers(steps), encodeFloats(steps)],
		);
	}
	await clone.database.query({
		name: '',
		text: `INSERT INTO metric_series (run_id, attempt, key, count, non_finite, last_step, last_value)
			VALUES ('${RUN}', 1, 'loss', 4, 0, 21, 21)`,
	});
	for (const migration of later) await new migration().up(runner);
	await runner.release();

	const stored = async () => (await readSeries(clone.database, [RUN], ['loss'])).get(RUN)?.get('loss');
	expect(await stored()).toEqual({
		steps: Float64Array.of(10, 11, 20, 21),
		values: Float64Array.of(10, 11, 20, 21),
		times: Float64Array.of(10, 11, 20, 21),
	});
	const second = { attempt: 1, sequence: 1 };
	const [range] = (await readBatchesAfter(clone.database, RUN, second, null))?.series ?? [];
	expect(range?.values).toEqual(Float64Array.of(20, 21));
});

test('cells of the layout with two levels stay readable, there and back', async () => {
	clone = await createTestDatabase('empty');
	const runner = clone.database.dataSource.createQueryRunner();
	const at = migrations.findIndex(({ name }) => name.startsWith('MetricPyramid'));
	const Pyramid = migrations[at] as (typeof migrations)[number];
	for (const migration of migrations.slice(0, at)) await new migration().up(runner);
	await addRun(clone);
	const steps = Float64Array.from({ length: 9_000 }, (_, index) => index);
	const cells = cellsOfPoints({ steps, values: steps, times: steps });
	const coarse = coarsen(cells, 9);
	await clone.database.query(
		{
			name: '',
			text: `INSERT INTO metric_chunk (experiment_id, run_id, key, attempt, position, count, first_sequence, last_sequence,
				min_step, max_step, fine_level, coarse_level, steps, times, values, fine_cells, coarse_cells)
				VALUES ('${EXPERIMENT}', '${RUN}', 'loss', 1, 0, 9000, 1, 1, 0, 8999, 5, 9, $1, $1, $2, $3, $4)`,
		},
		[encodeIntegers(steps), packValues(steps), encodeCells(coarsen(cells, 5)), encodeCells(coarse)],
	);
	await clone.database.query({
		name: '',
		text: `INSERT INTO metric_series (run_id, attempt, key, count, non_finite, first_step, last_step, last_value)
			VALUES ('${RUN}', 1, 'loss', 9000, 0, 0, 8999, 8999)`,
	});
	await new Pyramid().up(runner);
	await new Pyramid().down(runner);
	await new Pyramid().up(runner);
	for (const migration of migrations.slice(at + 1)) await new migration().up(runner);
	await runner.release();
	// Only the cells can answer.
	await clone.database.query({ name: '', text: `UPDATE metric_chunk SET steps = '\\xff', values = '\\xff'` });
	const query = [{ runId: RUN, key: 'loss', from: null, to: null }];
	const read = async (buckets: number) =>
		(await readCells(clone.database, query, { buckets, level: null })).cells.get(RUN)?.get('loss');
	expect(await read(18)).toEqual(coarse);
	expect(await read(150)).toEqual(coarsen(cells, 6));
});

test('an attempt that begins after the attempts were looked at supersedes what it does for everyone', async () => {
	clone = await createTestDatabase();
	await addRun(clone);
	const upTo = (last: number, first = 1) => Float64Array.from({ length: last - first + 1 }, (_, at) => first + at);
	const steps = upTo(10);
	await clone.database.query(
		{
			name: '',
			text: `INSERT INTO metric_chunk (experiment_id, run_id, key, attempt, position, count, first_sequence, last_sequence,
				min_step, max_step, closed, steps, times, values)
				VALUES ('${EXPERIMENT}', '${RUN}', 'loss', 1, 0, 10, 1, 1, 1, 10, false, $1, $1, $2)`,
		},
		[encodeIntegers(steps), packValues(steps)],
	);
	const query = [{ runId: RUN, key: 'loss', from: null, to: null }];
	const options = { buckets: 100, level: null };
	const records = await findRunRecords(clone.database, [RUN], ['loss']);
	const read = async (known = {}) =>
		(await readCells(clone.database, query, { ...options, ...known })).cells.get(RUN)?.get('loss')?.firstStep;
	expect(await read({ records })).toEqual(upTo(10));
	await clone.database.query({ name: '', text: `UPDATE attempt SET ended_at = now(), outcome = 'EXPIRED'` });
	await clone.database.query({
		name: '',
		text: `INSERT INTO attempt (run_id, number, token_hash, lease_expires_at, resumed_from_step) VALUES ('${RUN}', 2, '', now(), 4)`,
	});
	expect(await read({ records })).toEqual(upTo(4));
	const again = upTo(6, 5);
	await clone.database.query(
		{
			name: '',
			text: `INSERT INTO metric_batch (experiment_id, run_id, attempt, sequence, points, body)
				VALUES ('${EXPERIMENT}', '${RUN}', 2, 1, 2, $1)`,
		},
		[encodeBatch([{ key: 'loss', steps: again, values: again, times: again }])],
	);
	expect(await read({ records })).toEqual(upTo(6));
	expect(await read({ records, attempt: 1 })).toEqual(upTo(10));
	expect(await read({ records: new Map() })).toEqual(await read());
});

test('summaries of before get the checkpoints of their steps, but not what a resume superseded', async () => {
	clone = await createTestDatabase();
	const run = (text: string) => clone.database.query({ name: '', text });
	await addRun(clone);
	await run(`UPDATE attempt SET ended_at = now(), outcome = 'EXPIRED'`);
	await run(
		`INSERT INTO attempt (run_id, number, token_hash, lease_expires_at, resumed_from_step) VALUES ('${RUN}', 2, '', now(), 4)`,
	);
	await run(`UPDATE run SET attempts = 2`);
	await run(`INSERT INTO blob (digest, bytes) VALUES ('${'0'.repeat(64)}', 1)`);
	const id = (of: number) => `00000000-0000-7000-8000-00000000010${of}`;
	for (const [at, attempt, kind, step] of [
		[1, 1, 'checkpoint', 2],
		[2, 1, 'checkpoint', 6],
		[3, 1, 'resume', 4],
		[4, 2, 'checkpoint', 5],
		[5, 2, 'checkpoint', 5],
	])
		await run(`INSERT INTO artifact (id, run_id, attempt, name, kind, bytes, digest, step)
			VALUES ('${id(Number(at))}', '${RUN}', ${attempt}, 'f${at}', '${kind}', 1, '${'0'.repeat(64)}', ${step})`);
	for (const [key, last, min, max] of [
		['a', 5, 2, 6],
		['b', 4, 'NULL', 'NULL'],
	])
		await run(`INSERT INTO metric_series (run_id, attempt, key, count, non_finite, last_step, last_value, min_step, max_step)
			VALUES ('${RUN}', 2, '${key}', 3, 0, ${last}, 0, ${min}, ${max})`);
	const added = migrations.find(({ name }) => name.startsWith('SummaryCheckpoints'));
	if (added === undefined) throw new Error('the migration is gone');
	const runner = clone.database.dataSource.createQueryRunner();
	await new added().down(runner);
	await new added().up(runner);
	await runner.release();
	const found = await findSummaries(clone.database, [RUN], ['a', 'b']);
	expect(
		found.map(({ key, lastCheckpointId, minCheckpointId, maxCheckpointId }) => [
			key,
			...[lastCheckpointId, minCheckpointId, maxCheckpointId],
		]),
	).toEqual([
		['a', id(5), id(1), null],
		['b', null, null, null],
	]);
	// What is done from then on comes to the same.
	await run('UPDATE metric_series SET last_checkpoint_id = NULL');
	await settleCheckpoints(clone.database, RUN, 2);
	expect(await findSummaries(clone.database, [RUN], ['a', 'b'])).toEqual(found);
});
