import { listRuns, type RunKey } from '@graft/database/run';
import type { JsonObject } from '@graft/domain/json';
import type { Run } from '@graft/domain/run';
import { parseRunFilter, type RunFilterExpression } from '@graft/domain/run-filter';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CountablePage, ListRuns, RunOrder } from '../contract/inputs.js';
import { createTestEngine, ok, type TestEngine } from '../testing/create-test-engine.js';
import { batchOf, finish } from '../testing/scene.js';
import { type OrderField, orderFieldOf } from './list-runs.js';

/** What the oracle knows of a run. */
interface Known {
	readonly id: string;
	readonly config: JsonObject;
	readonly tags: readonly string[];
	readonly values: readonly number[];
}

let clone: TestDatabase;
let it: TestEngine;
let known: readonly Known[];
/** What the database holds of each run; instants to the microsecond. */
interface Columns extends Record<'queuedAt' | 'startedAt' | 'finishedAt' | 'seed', number | null> {
	readonly id: string;
	readonly name: string;
	readonly status: string;
}
const columns = new Map<string, Columns>();

const RUNS = 60;
/** Few different values, so that many runs tie; some runs have none, some a NaN, and every third still runs. */
beforeAll(async () => {
	clone = await createTestDatabase();
	it = createTestEngine(clone.database);
	const question = { description: null, metric: 'accuracy', direction: 'MAXIMIZE' as const };
	const { id: experimentId } = ok(await it.engine.createExperiment({ ...question, name: 'random' }));
	const value = fc.constantFrom(-1, 0, 0.5, 2, Number.NaN, Number.POSITIVE_INFINITY);
	const runs = fc.sample(
		fc.record({
			config: fc.record(
				{
					mixed: fc.constantFrom<JsonObject[string]>(1, 2, 10, 'a', 'b', true, false, null, [1], { deep: 1 }),
					nested: fc.record({ lr: fc.constantFrom(0.1, 0.01, 1e-3) }, { requiredKeys: [] }),
					long: fc.constantFrom('x'.repeat(5000), `${'x'.repeat(5000)}y`, 'ü'.repeat(300), ''),
				},
				{ requiredKeys: [] },
			),
			tags: fc.subarray(['keep', 'old']),
			values: fc.array(value, { maxLength: 3 }),
		}),
		{ numRuns: RUNS, seed: 7 },
	);
	const made: Known[] = [];
	for (const [at, run] of runs.entries()) {
		const input = { experimentId, name: `run ${at % 7}`, backboneId: null, datasetId: null, strategy: null };
		const { lease } = ok(
			await it.engine.createRun({ ...input, seed: at % 4 === 0 ? null : at % 5, config: run.config, tags: run.tags }),
		);
		if (run.values.length > 0) ok(await it.engine.logMetrics(lease, batchOf(1, 'accuracy', 1, run.values)));
		if (at % 3 !== 0) ok(await finish(it, lease));
		made.push({ ...run, id: lease.runId });
	}
	known = made;
	const micros = (column: string) => `(extract(epoch FROM ${column}) * 1000000)::bigint`;
	const text = `SELECT id, name, seed, status, ${micros('queued_at')} AS "queuedAt", ${micros('started_at')} AS "startedAt",
		${micros('finished_at')} AS "finishedAt" FROM run`;
	for (const row of await clone.database.query<Columns>({ name: '', text })) columns.set(row.id, row);
});
afterAll(() => clone.drop());

type Value = number | string | boolean | null;
const leaf = (value: unknown): Value =>
	typeof value === 'string'
		? [...value].slice(0, 200).join('')
		: typeof value === 'number' || typeof value === 'boolean'
			? value
			: null;
const finite = (values: readonly number[]) => values.filter(Number.isFinite);
const read: Readonly<Record<string, (run: Known, direction: RunOrder['direction']) => Value>> = {
	tag: ({ tags }, direction) => tags.toSorted().at(direction === 'ASC' ? 0 : -1) ?? null,
	name: ({ id }) => columns.get(id)?.name ?? null,
	seed: ({ id }) => columns.get(id)?.seed ?? null,
	status: ({ id }) => columns.get(id)?.status ?? null,
	queuedAt: ({ id }) => columns.get(id)?.queuedAt ?? null,
	startedAt: ({ id }) => columns.get(id)?.startedAt ?? null,
	finishedAt: ({ id }) => columns.get(id)?.finishedAt ?? null,
	'config.mixed': ({ config }) => leaf(config.mixed),
	'config.nested.lr': ({ config }) => leaf((config.nested as JsonObject | undefined)?.lr),
	'config.long': ({ config }) => leaf(config.long),
	'config.nested': () => null,
	'config.none': () => null,
	'metric.accuracy.last': ({ values }) => values.at(-1) ?? null,
	'metric.accuracy.best': ({ values }) => (finite(values).length === 0 ? null : Math.max(...finite(values))),
	'metric.accuracy.min': ({ values }) => (finite(values).length === 0 ? null : Math.min(...finite(values))),
};
const TYPES = ['string', 'number', 'boolean'];
/** Texts, then numbers, then truth values, as PostgreSQL sorts JSON; NaN above every number. */
function compare(a: Exclude<Value, null>, b: Exclude<Value, null>): number {
	const types = TYPES.indexOf(typeof a) - TYPES.indexOf(typeof b);
	if (types !== 0) return types;
	if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
	return a < b ? -1 : a > b ? 1 : 0;
}
function sorted(runs: readonly Known[], orders: readonly RunOrder[]): string[] {
	const sign = ({ direction }: RunOrder) => (direction === 'ASC' ? 1 : -1);
	return runs
		.toSorted((left, right) => {
			for (const order of orders) {
				const value = (run: Known) => read[order.by]?.(run, order.direction) ?? null;
				const [a, b] = [value(left), value(right)];
				if (a === null || b === null) {
					if (a !== b) return a === null ? 1 : -1;
				} else {
					const place = compare(a, b) * sign(order);
					if (place !== 0) return place;
				}
			}
			return (left.id < right.id ? -1 : 1) * sign(orders[0] as RunOrder);
		})
		.map(({ id }) => id);
}

async function readPages(list: Omit<ListRuns, 'after'>): Promise<string[]> {
	const ids: string[] = [];
	for (let after: string | null = null; ; ) {
		const page: CountablePage<Run> = ok(await it.engine.runs({ ...list, after }));
		ids.push(...page.items.map(({ node }) => node.id));
		if (!page.hasNextPage) {
			expect(await page.countTotal()).toEqual({ count: ids.length, isLeast: false });
			return ids;
		}
		after = page.endCursor;
	}
}

/** The same pages with bounds so small that every way to a page is taken. */
async function readBounded({ first, filter, orderBy }: Omit<ListRuns, 'after'>, bounds = BOUNDS): Promise<string[]> {
	const none = { experimentId: null, sweepId: null, status: null, strategy: null, backboneIds: null, datasetIds: null };
	const where = filter?.where == null ? null : (parseRunFilter(filter.where) as RunFilterExpression);
	const fields = orderBy.map(({ by, direction }) => ({ field: orderFieldOf(by) as OrderField, direction }));
	const ids: string[] = [];
	for (let after: RunKey | null = null; ; ) {
		const listing = { filter: { ...none, tags: null, where }, orderBy: fields, first, after };
		const page: Awaited<ReturnType<typeof listRuns>> = await listRuns(clone.database, listing, bounds);
		ids.push(...page.items.map(({ run }) => run.id));
		expect(page.isPartial).toBe(page.hasNextPage && page.items.length < first);
		if (!page.hasNextPage) return ids;
		after = page.end;
	}
}
const BOUNDS = { near: 4, gathered: 5, hashed: 12, passed: 9, stretch: 5, far: 12, ms: 1, now: () => 0 };

const filters: readonly [string | null, (run: Known) => boolean][] = [
	[null, () => true],
	['tag = "keep"', ({ tags }) => tags.includes('keep')],
	['config.mixed > 1', ({ config }) => typeof config.mixed === 'number' && config.mixed > 1],
	['config.mixed in ("a", "b")', ({ config }) => config.mixed === 'a' || config.mixed === 'b'],
	[`config.long = "${'x'.repeat(3000)}"`, () => false],
	[`config.long != "${'x'.repeat(3000)}"`, ({ config }) => config.long !== undefined],
	['not config.nested.lr = 0.1', ({ config }) => (config.nested as JsonObject | undefined)?.lr !== 0.1],
	['config.mixed.0 = 1', ({ config }) => Array.isArray(config.mixed)],
	['config.mixed.deep = 1', ({ config }) => JSON.stringify(config.mixed) === '{"deep":1}'],
	[
		'metric.accuracy.best >= 0.5 and tag != "old"',
		(run) => ((read['metric.accuracy.best']?.(run, 'ASC') as number | null) ?? -1) >= 0.5 && !run.tags.includes('old'),
	],
	['tag = "keep" or config.mixed = 2', ({ tags, config }) => tags.includes('keep') || config.mixed === 2],
	['tag in ("keep", "old") and seed > 1', ({ id, tags }) => tags.length > 0 && (columns.get(id)?.seed ?? 0) > 1],
	[
		'status = "RUNNING" and config.nested.lr < 0.1',
		({ id, config }) =>
			columns.get(id)?.status === 'RUNNING' && Number((config.nested as JsonObject | undefined)?.lr ?? 1) < 0.1,
	],
	['tag = "none"', () => false],
	['metric.accuracy.last in (0, 2)', ({ values }) => values.at(-1) === 0 || values.at(-1) === 2],
];

/** Conditions of every kind of field, operator and value, and how they are told of a run. */
const literal = (value: Value) => JSON.stringify(value);
const jsonOf = (run: Known, path: readonly string[]): unknown =>
	path.reduce<unknown>((at, name) => (at as JsonObject | null | undefined)?.[name], run.config);
type Condition = readonly [where: string, passes: (run: Known) => boolean];
const OPERATORS = ['=', '!=', '<', '<=', '>', '>='] as const;
function holds(a: unknown, operator: (typeof OPERATORS)[number], b: Value): boolean {
	const there = a !== null && a !== undefined;
	if (b === null) return operator === '=' ? !there : there;
	if (operator === '!=') return there && a !== b;
	if (!there || typeof a !== typeof b) return false;
	const place = compare(a as Exclude<Value, null>, b);
	return { '=': place === 0, '<': place < 0, '<=': place <= 0, '>': place > 0, '>=': place >= 0 }[operator];
}
const ofValue = (field: string, read: (run: Known) => unknown, values: fc.Arbitrary<Value>): fc.Arbitrary<Condition> =>
	fc.tuple(fc.constantFrom(...OPERATORS), values).map(([operator, value]) => {
		const asked = !['=', '!='].includes(operator) && (value === null || typeof value === 'boolean') ? 1 : value;
		return [`${field} ${operator} ${literal(asked)}`, (run) => holds(read(run), operator, asked)];
	});
const isWanted: fc.Arbitrary<boolean> = fc.boolean();
const oneOf = (field: string, read: (run: Known) => unknown, values: readonly Value[]): fc.Arbitrary<Condition> =>
	fc
		.subarray([...values], { minLength: 1 })
		.map((some) => [`${field} in (${some.map(literal).join(', ')})`, (run) => some.includes(read(run) as Value)]);
/** An instant is asked for to the microsecond, of one of the runs or between them. */
const ofInstant = (name: 'queuedAt' | 'startedAt' | 'finishedAt'): fc.Arbitrary<Condition> =>
	fc
		.tuple(fc.constantFrom(...OPERATORS), fc.nat(RUNS - 1), fc.constantFrom(-1, 0, 1, null))
		.map(([operator, at, off]) => {
			const read = (run: Known) => columns.get(run.id)?.[name] ?? null;
			const isNull = off === null && (operator === '=' || operator === '!=');
			const value = isNull
				? null
				: () => (read(known[at] as Known) ?? columns.get(known[0]?.id ?? '')?.queuedAt ?? 0) + (off ?? 0);
			return [
				`${name} ${operator} ${value === null ? 'null' : `"@${at}${name}${off ?? 0}"`}`,
				(run) => holds(read(run), operator, value === null ? null : value()),
			];
		});
/** The text of an instant, once the runs are there. */
const withInstants = (where: string) =>
	where.replace(/"@(\d+)(\w+At)(-?\d)"/g, (_, at, name: 'queuedAt' | 'startedAt' | 'finishedAt', off) => {
		const run = known[Number(at)] as Known;
		const micros = (columns.get(run.id)?.[name] ?? columns.get(known[0]?.id ?? '')?.queuedAt ?? 0) + Number(off);
		const millis = new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1);
		return `"${millis}${String(micros % 1000).padStart(3, '0')}Z"`;
	});

const mixed = fc.constantFrom<Value>(1, 2, 10, 5, 'a', 'b', 'c', true, false, null);
const numbers = fc.constantFrom<Value>(-1, 0, 0.5, 2, 1, 3, null);
const STATUSES = ['QUEUED', 'RUNNING', 'SUCCEEDED', 'FAILED'];
const equality = (condition: fc.Arbitrary<Condition>) => condition.filter(([where]) => !/ [<>]=? /.test(where));
const condition: fc.Arbitrary<Condition> = fc.oneof(
	ofValue('config.mixed', (run) => jsonOf(run, ['mixed']), mixed),
	ofValue(
		'config.nested.lr',
		(run) => jsonOf(run, ['nested', 'lr']),
		fc.constantFrom<Value>(0.1, 0.01, 0.05, 'a', null),
	),
	ofValue('config.nested', (run) => jsonOf(run, ['nested']), fc.constantFrom<Value>('a', 1, null)),
	ofValue('config.none', () => null, mixed),
	ofValue('seed', ({ id }) => columns.get(id)?.seed, fc.constantFrom<Value>(0, 1, 1.5, 4, null)),
	ofValue('metric.accuracy.last', (run) => read['metric.accuracy.last']?.(run, 'ASC'), numbers),
	ofValue('metric.accuracy.best', (run) => read['metric.accuracy.best']?.(run, 'ASC'), numbers),
	ofValue('metric.none.min', () => null, numbers),
	ofValue('name', ({ id }) => columns.get(id)?.name, fc.constantFrom<Value>('run 1', 'run 3', 'run', 'z')),
	equality(ofValue('status', ({ id }) => columns.get(id)?.status, fc.constantFrom<Value>(...STATUSES))),
	oneOf('status', ({ id }) => columns.get(id)?.status, STATUSES),
	oneOf('name', ({ id }) => columns.get(id)?.name, ['run 1', 'run 3', 'none']),
	oneOf('config.mixed', (run) => jsonOf(run, ['mixed']), ['a', 'b']),
	oneOf('config.mixed', (run) => jsonOf(run, ['mixed']), [1, 10]),
	fc
		.tuple(isWanted, fc.constantFrom('keep', 'old', 'none'))
		.map(([has, tag]): Condition => [`tag ${has ? '=' : '!='} "${tag}"`, ({ tags }) => tags.includes(tag) === has]),
	ofInstant('queuedAt'),
	ofInstant('startedAt'),
	ofInstant('finishedAt'),
);
const expression = fc.letrec<{ any: Condition }>((tie) => ({
	any: fc.oneof(
		{ maxDepth: 3, depthSize: 'small' },
		condition,
		tie('any').map(([where, passes]): Condition => [`not (${where})`, (run) => !passes(run)]),
		fc
			.tuple(tie('any'), tie('any'))
			.map(([[a, isA], [b, isB]]): Condition => [`(${a}) and (${b})`, (run) => isA(run) && isB(run)]),
		fc
			.tuple(tie('any'), tie('any'))
			.map(([[a, isA], [b, isB]]): Condition => [`(${a}) or (${b})`, (run) => isA(run) || isB(run)]),
	),
})).any;

test('pages of any condition are what the same condition gives in memory', async () => {
	const order = fc.record({
		by: fc.constantFrom(...Object.keys(read)),
		direction: fc.constantFrom('ASC' as const, 'DESC' as const),
	});
	await fc.assert(
		fc.asyncProperty(expression, order, fc.integer({ min: 3, max: 70 }), async ([written, passes], by, first) => {
			const where = withInstants(written);
			const wanted = sorted(known.filter(passes), [by]);
			expect(await readPages({ first, filter: { where }, orderBy: [by] }), where).toEqual(wanted);
			expect(await readBounded({ first, filter: { where }, orderBy: [by] }), where).toEqual(wanted);
		}),
		{ numRuns: 200 },
	);
}, 60_000);

test('a search that runs out of time ends its page, and goes on from there to the same runs', async () => {
	const orderBy = [{ by: 'config.nested.lr', direction: 'DESC' as const }];
	const filter = { where: 'not config.mixed = 1' };
	const wanted = sorted(
		known.filter(({ config }) => config.mixed !== 1),
		orderBy,
	);
	let clock = 0;
	const hurried = { ...BOUNDS, now: () => clock++ };
	expect(await readBounded({ first: 50, filter, orderBy }, hurried)).toEqual(wanted);
});

test('pages of any order and filter are what a sort in memory gives', async () => {
	const order = fc.record({
		by: fc.constantFrom(...Object.keys(read)),
		direction: fc.constantFrom('ASC' as const, 'DESC' as const),
	});
	const orders = fc.uniqueArray(order, { minLength: 1, maxLength: 3, selector: ({ by }) => by });
	const anything = fc.record({
		orderBy: orders,
		filter: fc.constantFrom(...filters),
		first: fc.integer({ min: 3, max: 70 }),
	});
	await fc.assert(
		fc.asyncProperty(anything, async ({ orderBy, filter: [where, passes], first }) => {
			const ids = await readPages({ first, filter: { where }, orderBy });
			const wanted = sorted(known.filter(passes), orderBy);
			expect(ids).toEqual(wanted);
			expect(await readBounded({ first, filter: { where }, orderBy })).toEqual(wanted);
		}),
		{ numRuns: 120 },
	);
}, 60_000);

test('every filter, and every order alone, in both directions', async () => {
	for (const direction of ['ASC', 'DESC'] as const) {
		for (const by of Object.keys(read)) {
			const orderBy = [{ by, direction }];
			expect(await readPages({ first: 7, filter: null, orderBy }), by).toEqual(sorted(known, orderBy));
		}
	}
	for (const [where, passes] of filters) {
		const orderBy = [{ by: 'metric.accuracy.last', direction: 'DESC' as const }];
		expect(await readPages({ first: 70, filter: { where }, orderBy }), where ?? '').toEqual(
			sorted(known.filter(passes), orderBy),
		);
	}
});

test('a cursor of one order, or with a value that is none, is refused in another', async () => {
	const orderBy = [{ by: 'config.mixed', direction: 'ASC' as const }];
	const [first] = ok(await it.engine.runs({ first: 1, after: null, filter: null, orderBy })).items;
	const after = first?.cursor ?? '';
	const other = [{ by: 'config.nested.lr', direction: 'ASC' as const }];
	expect(await it.engine.runs({ first: 1, after, filter: null, orderBy: other })).toMatchObject({ field: 'after' });
	const [order, , id] = JSON.parse(Buffer.from(after, 'base64url').toString().slice(1));
	const forged = Buffer.from(`r${JSON.stringify([order, '{', id])}`).toString('base64url');
	expect(await it.engine.runs({ first: 1, after: forged, filter: null, orderBy })).toMatchObject({
		kind: 'InvalidInput',
		field: 'after',
	});
});
