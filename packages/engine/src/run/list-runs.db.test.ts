import type { Run } from '@graft/domain/run';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ListRuns, RunFilter, RunOrder } from '../contract/inputs.js';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, createScene, finish, leaseNext, type Scene } from '../testing/scene.js';

let clone: TestDatabase;
let it: TestEngine;
let scene: Scene;
let all: readonly Run[];

/** Eight runs: two strategies, seeds 0 to 3. The first four of the queue have finished with accuracies .9 .8 NaN .7. */
beforeAll(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	scene = await createScene(it);
	all = ok(await it.engine.launchComparison({ ...scene.launch, seeds: [0, 1, 2, 3] }));
	for (const value of [0.9, 0.8, Number.NaN, 0.7]) {
		const { lease } = await leaseNext(it);
		const series = [
			...batchOf(1, 'test_accuracy', 5, [value]).series,
			...batchOf(1, 'train_loss', 1, [3, 1, 2]).series,
		];
		ok(await it.engine.logMetrics(lease, { sequence: 1, series }));
		ok(await finish(it, lease));
	}
	ok(await it.engine.tagRuns([all[0]?.id ?? '', all[5]?.id ?? ''], { add: ['keep', 'x'], remove: [] }));
});
afterAll(() => clone.drop());

const page = async (filter: RunFilter, over: Partial<ListRuns> = {}) =>
	ok(
		await it.engine.runs({
			first: 100,
			after: null,
			filter: { experimentId: scene.experiment.id, ...filter },
			orderBy: [{ by: 'queuedAt', direction: 'ASC' }],
			...over,
		}),
	);
const places = async (filter: RunFilter, over?: Partial<ListRuns>) =>
	(await page(filter, over)).items.map(({ node }) => all.findIndex(({ id }) => id === node.id));

describe('filter', () => {
	test.each<[string, RunFilter, number[]]>([
		['nothing', {}, [0, 1, 2, 3, 4, 5, 6, 7]],
		['status', { status: ['QUEUED'] }, [4, 5, 6, 7]],
		['strategy', { strategy: ['FEATURE_EXTRACTION'] }, [1, 3, 5, 7]],
		['tags', { tags: ['keep', 'x'] }, [0, 5]],
		['an id that is none', { backboneIds: ['x'] }, []],
		['config by number', { where: 'config.seed >= 2' }, [4, 5, 6, 7]],
		['config by text', { where: 'config.strategy.kind = "FROM_SCRATCH"' }, [0, 2, 4, 6]],
		['config of another type', { where: 'config.seed < "x"' }, []],
		['config that is not there', { where: 'config.colour = "red"' }, []],
		['not, of what is not there', { where: 'not config.colour = "red"' }, [0, 1, 2, 3, 4, 5, 6, 7]],
		['config null', { where: 'config.trainExamplesPerClass = null and config.seed = 0' }, [0, 1]],
		['metric', { where: 'metric.test_accuracy.best > 0.75' }, [0, 1]],
		['metric, less is better', { where: 'metric.train_loss.best = 1' }, [0, 1, 2, 3]],
		['metric, last', { where: 'metric.train_loss.last = 2 and seed = 1' }, [2, 3]],
		['tag', { where: 'tag = "keep"' }, [0, 5]],
		['in, or, not', { where: 'seed in (0, 3) and not (tag = "keep" or status = "QUEUED")' }, [1]],
		['columns', { where: 'finishedAt != null and name != "from scratch · seed 0"' }, [1, 2, 3]],
	])('%s', async (_, filter, expected) => {
		expect(await places(filter)).toEqual(expected);
	});

	test('refuses an expression that is wrong, and text that no database holds', async () => {
		const wrong = (filter: RunFilter) => it.engine.runs({ first: 1, after: null, filter, orderBy: [] });
		expect(await wrong({ where: 'config.seed >' })).toMatchObject({ kind: 'InvalidInput', field: 'filter.where' });
		expect(await wrong({ where: 'config.a = "\0"' })).toMatchObject({ kind: 'InvalidInput' });
		expect(await wrong({ where: `config.a'; DROP TABLE run; -- = 1` })).toMatchObject({ kind: 'InvalidInput' });
	});
});

describe('order and pages', () => {
	test('newest first when nothing is said', async () => {
		expect(await places({}, { orderBy: [] })).toEqual([7, 6, 5, 4, 3, 2, 1, 0]);
	});

	const orders: [string, RunOrder[], number[]][] = [
		[
			'metric, the runs without one last',
			[
				{ by: 'metric.test_accuracy.best', direction: 'DESC' },
				{ by: 'queuedAt', direction: 'ASC' },
			],
			[0, 1, 3, 2, 4, 5, 6, 7],
		],
		[
			'metric, rising',
			[
				{ by: 'metric.test_accuracy.best', direction: 'ASC' },
				{ by: 'queuedAt', direction: 'DESC' },
			],
			[3, 1, 0, 7, 6, 5, 4, 2],
		],
		[
			'config, then seed in the other direction',
			[
				{ by: 'config.strategy.kind', direction: 'ASC' },
				{ by: 'seed', direction: 'DESC' },
			],
			[7, 5, 3, 1, 6, 4, 2, 0],
		],
		[
			'end',
			[
				{ by: 'finishedAt', direction: 'ASC' },
				{ by: 'queuedAt', direction: 'ASC' },
			],
			[0, 1, 2, 3, 4, 5, 6, 7],
		],
		[
			'a metric with NaN',
			[
				{ by: 'metric.test_accuracy.last', direction: 'DESC' },
				{ by: 'queuedAt', direction: 'ASC' },
			],
			[2, 0, 1, 3, 4, 5, 6, 7],
		],
		[
			'a config path that no run has',
			[
				{ by: 'config.nothing.here', direction: 'DESC' },
				{ by: 'seed', direction: 'ASC' },
				{ by: 'name', direction: 'ASC' },
			],
			[1, 0, 3, 2, 5, 4, 7, 6],
		],
	];
	test.each(orders)('by %s, in one page and in pages of three', async (_, orderBy, expected) => {
		expect(await places({}, { orderBy })).toEqual(expected);
		const paged: number[] = [];
		for (let after: string | null = null; ; ) {
			const part = await page({}, { orderBy, first: 3, after });
			paged.push(...part.items.map(({ node }) => all.findIndex(({ id }) => id === node.id)));
			expect(await part.countTotal()).toEqual({ count: 8, isLeast: false });
			after = part.items.at(-1)?.cursor ?? null;
			if (!part.hasNextPage) break;
		}
		expect(paged).toEqual(expected);
	});

	test('refuses an order and a cursor that do not exist', async () => {
		const list = { first: 1, after: null, filter: null, orderBy: [] };
		expect(await it.engine.runs({ ...list, orderBy: [{ by: 'colour', direction: 'ASC' }] })).toMatchObject({
			field: 'orderBy[0].by',
		});
		expect(await it.engine.runs({ ...list, after: 'nonsense' })).toMatchObject({ field: 'after' });
		const byTwo = await page(
			{},
			{
				first: 1,
				orderBy: [
					{ by: 'name', direction: 'ASC' },
					{ by: 'seed', direction: 'ASC' },
				],
			},
		);
		expect(await it.engine.runs({ ...list, after: byTwo.items[0]?.cursor ?? '' })).toMatchObject({ field: 'after' });
		const byName = await page({}, { first: 1, orderBy: [{ by: 'name', direction: 'ASC' }] });
		expect(await it.engine.runs({ ...list, after: byName.items[0]?.cursor ?? '' })).toMatchObject({ field: 'after' });
	});

	test('refuses a cursor whose values nobody was given', async () => {
		const orderBy = [
			{ by: 'queuedAt', direction: 'ASC' as const },
			{ by: 'seed', direction: 'ASC' as const },
		];
		const [first] = (await page({}, { first: 1, orderBy })).items;
		const [order, ...key] = JSON.parse(
			Buffer.from(first?.cursor ?? '', 'base64url')
				.toString()
				.slice(1),
		);
		for (const at of key.keys()) {
			const forged = Buffer.from(`r${JSON.stringify([order, ...key.with(at, 'forged')])}`).toString('base64url');
			const refused = await it.engine.runs({ first: 1, after: forged, filter: null, orderBy });
			expect(refused).toMatchObject({ kind: 'InvalidInput', field: 'after' });
		}
	});
});

test('the comparison takes the deciding metric of the runs that finished', async () => {
	const result = await it.engine.comparison({ experimentId: scene.experiment.id, metric: null, at: 'BEST' });
	expect(result).toMatchObject({ metric: 'test_accuracy', direction: 'MAXIMIZE' });
	// from scratch: .9 and NaN (left out); feature extraction: .8 and .7.
	expect(result.groups.map(({ label, values, n }) => ({ label, values, n }))).toEqual([
		{ label: 'from scratch', values: [0.9], n: 1 },
		{ label: 'feature extraction', values: [0.8, 0.7], n: 2 },
	]);
	expect(result.groups[1]?.trainableParameters).toBe(all[1]?.freezePlan?.trainableParameters);
	expect(result.groups[1]?.secondsPerRun).toBeGreaterThan(0);
	expect(await it.engine.comparison({ experimentId: 'none', metric: 'x', at: 'BEST' })).toMatchObject({ groups: [] });
	const counts = await it.engine.statusCountsByExperiments([scene.experiment.id]);
	expect(counts.get(scene.experiment.id)?.toSorted((a, b) => (a.status < b.status ? -1 : 1))).toEqual([
		{ status: 'QUEUED', count: 4 },
		{ status: 'SUCCEEDED', count: 4 },
	]);
});

test('deleted runs leave every list, and come back', async () => {
	const [, , , , , , , last] = all;
	ok(await it.engine.changeRuns([last?.id ?? ''], 'delete'));
	expect(await places({})).toEqual([0, 1, 2, 3, 4, 5, 6]);
	expect(await it.engine.changeRuns([last?.id ?? ''], 'cancel')).toMatchObject({ kind: 'Conflict' });
	ok(await it.engine.changeRuns([last?.id ?? ''], 'restore'));
	expect(await places({})).toHaveLength(8);
});
