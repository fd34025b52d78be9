import type { LiveMetrics } from '@graft/domain/metric';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFrameMemo } from './frame-memo.js';
import { createHub } from './hub.js';
import { liveMetrics } from './live-metrics.js';
import type { Position } from './metric-cursor.js';
import { type MetricRead, metricStream, metricTopic } from './metric-stream.js';
import { createMetricTail, type MetricRecord } from './metric-tail.js';

type Batch = { readonly position: Position; readonly series: Readonly<Record<string, readonly number[]>> };
const isAfter = (a: Position, b: Position) =>
	a.attempt > b.attempt || (a.attempt === b.attempt && a.sequence > b.sequence);

/** What several API processes have stored, in lists. Counts how often it is read. */
class Store implements MetricRecord {
	readonly batches = new Map<string, Batch[]>();
	reads = 0;
	constructor(private readonly perRead: number) {}

	async readAfter(runId: string, after: Position, until: Position | null): Promise<MetricRead | null> {
		this.reads += 1;
		const rest = (this.batches.get(runId) ?? []).filter(({ position }) => isAfter(position, after));
		const ofAttempt = rest.filter(({ position }) => position.attempt === rest[0]?.position.attempt);
		const read = ofAttempt.filter((batch, at) =>
			until === null ? at < this.perRead : !isAfter(batch.position, until),
		);
		// As a database does, it answers later, with what it saw when it was asked.
		await new Promise((resolve) => setImmediate(resolve));
		const upTo = read.at(-1)?.position;
		if (upTo === undefined) return null;
		const keys = [...new Set(read.flatMap(({ series }) => Object.keys(series)))].sort();
		const valuesOf = (key: string) => Float64Array.from(read.flatMap((batch) => batch.series[key] ?? []));
		return { upTo, series: keys.map((key) => ({ key, steps: valuesOf(key), values: valuesOf(key) })) };
	}

	readonly endsOf = async (runIds: readonly string[]) =>
		new Map(
			runIds.flatMap((runId): [string, Position][] => {
				const last = this.batches.get(runId)?.at(-1);
				return last === undefined ? [] : [[runId, last.position]];
			}),
		);

	append(runId: string, newAttempt: boolean, series: Batch['series']): Batch {
		const list = this.batches.get(runId) ?? [];
		this.batches.set(runId, list);
		const { attempt, sequence } = list.at(-1)?.position ?? { attempt: 1, sequence: 0 };
		const position = newAttempt ? { attempt: attempt + 1, sequence: 1 } : { attempt, sequence: sequence + 1 };
		const batch = { position, series };
		list.push(batch);
		return batch;
	}
}

function process(store: Store) {
	const hub = createHub();
	const source = createMetricTail(store);
	const deps = { hub, source, memo: createFrameMemo(), endsOf: store.endsOf };
	return {
		...deps,
		deps,
		stored(runId: string, { position, series }: Batch) {
			const lists = Object.entries(series).map(([key, values]) => {
				const list = Float64Array.from(values);
				return { key, steps: list, values: list, times: list };
			});
			const topic = metricTopic(runId);
			source.add(runId, position.attempt, { sequence: position.sequence, series: lists }, hub.isHeard(topic));
			hub.announce([topic]);
		},
		notified(runId: string) {
			source.forget(runId);
			hub.announce([metricTopic(runId)]);
		},
	};
}

const runIds = ['b', 'a', 'c'];
const event = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('batch' as const),
			run: fc.constantFrom(...runIds),
			here: fc.boolean(),
			newAttempt: fc.integer({ max: 7 }).map((n) => n === 0),
			keys: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }),
		}),
	},
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('notify' as const) }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant('rest' as const) }) },
	{
		weight: 2,
		arbitrary: fc.record({ kind: fc.constant('cut' as const), reader: fc.nat(2), single: fc.boolean() }),
	},
);

describe('liveMetrics', () => {
	it('gives every reader each point once and in order, whatever is stored where and cut when', async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(event, { maxLength: 50 }), fc.integer({ min: 1, max: 4 }), async (events, perRead) => {
				const store = new Store(perRead);
				const api = process(store);
				const expected = new Map<string, number[]>();
				const readers = [0, 1, 2].map(() => reader(api.deps));
				for (const each of readers) each.open(false);
				const untold: string[] = [];
				const notify = () => {
					for (const runId of untold.splice(0)) api.notified(runId);
				};
				let value = 0;
				for (const one of events) {
					if (one.kind === 'batch') {
						const series = Object.fromEntries(one.keys.map((key) => [key, [++value, ++value]]));
						const batch = store.append(one.run, one.newAttempt, series);
						for (const [key, values] of Object.entries(series)) {
							const name = `${one.run}/${key}`;
							expected.set(name, [...(expected.get(name) ?? []), ...values]);
						}
						if (one.here) api.stored(one.run, batch);
						else untold.push(one.run);
					} else if (one.kind === 'notify') notify();
					else if (one.kind === 'rest') await new Promise((resolve) => setImmediate(resolve));
					else await readers[one.reader]?.cut(one.single);
				}
				notify();
				for (const each of readers) {
					await expect.poll(() => each.count(), { interval: 1, timeout: 2_000 }).toBe(value);
					expect(each.seen).toEqual(expected);
					await each.close();
				}
				expect(api.hub.size).toBe(0);
			}),
			{ numRuns: 200 },
		);
	});

	it('reads nothing back of what this process stores, however many read', async () => {
		const store = new Store(1);
		const api = process(store);
		const readers = Array.from({ length: 50 }, () => reader(api.deps));
		for (const each of readers) each.open(false);
		await expect.poll(() => store.reads).toBeGreaterThan(0);
		const before = store.reads;
		for (let value = 1; value <= 20; value += 1) {
			api.stored('a', store.append('a', false, { x: [value] }));
			await new Promise((resolve) => setImmediate(resolve));
		}
		for (const each of readers) await expect.poll(() => each.count()).toBe(20);
		expect(before).toBeLessThanOrEqual(runIds.length);
		// The first batch of an attempt has no batch before it that could be known.
		expect(store.reads - before).toBeLessThanOrEqual(2);
		expect(new Set(readers.flatMap(({ frames }) => frames)).size).toBeLessThan(readers.length * 3);
		for (const each of readers) await each.close();
	});

	it('gives a reader that comes late few large frames', async () => {
		const store = new Store(100);
		const api = process(store);
		const quick = reader(api.deps);
		quick.open(false);
		const query = { runIds, keys: null, after: null, replay: true };
		const stalled = liveMetrics(api.deps, query, new AbortController().signal);
		for (let value = 1; value <= 500; value += 1) {
			api.stored('a', store.append('a', false, { x: [value], y: [value] }));
			if (value % 50 === 0) await expect.poll(() => quick.count()).toBe(2 * value);
			if (value === 1) await stalled.next();
		}
		const next = (await stalled.next()).value as LiveMetrics;
		expect(next.series.map(({ values }) => values.length)).toEqual([499, 499]);
		await quick.close();
		await stalled.return?.();
	});

	it('without a replay begins with what comes next, and says where that is', async () => {
		const store = new Store(100);
		const api = process(store);
		for (let value = 1; value <= 3; value += 1) api.stored('a', store.append('a', false, { x: [value] }));
		const query = { runIds, keys: null, after: null, replay: false };
		const stop = new AbortController();
		const fresh = liveMetrics(api.deps, query, stop.signal);
		const begun = (await fresh.next()).value as LiveMetrics;
		expect(begun.series).toEqual([]);
		const next = fresh.next();
		api.stored('a', store.append('a', false, { x: [4] }));
		api.stored('b', store.append('b', false, { x: [5] }));
		const after = async (stream: AsyncIterator<LiveMetrics>, first?: Promise<IteratorResult<LiveMetrics>>) => {
			const values: number[] = [];
			for (let frame = first ?? stream.next(); values.length < 2; frame = stream.next())
				values.push(...((await frame).value as LiveMetrics).series.flatMap((one) => [...one.values]));
			return values;
		};
		expect(await after(fresh, next)).toEqual([4, 5]);
		// From the first frame's cursor, as after a cut.
		const resumed = liveMetrics(api.deps, { ...query, after: begun.cursor }, stop.signal);
		expect(await after(resumed)).toEqual([4, 5]);
		stop.abort();
	});

	it('moves its cursor over what nobody asked for', async () => {
		const store = new Store(100);
		const api = process(store);
		const only = reader(api.deps, ['y']);
		only.open(false);
		api.stored('a', store.append('a', false, { x: [1] }));
		api.stored('a', store.append('a', false, { y: [2] }));
		await expect.poll(() => only.count()).toBe(1);
		await only.cut(false);
		api.stored('a', store.append('a', false, { y: [3] }));
		await expect.poll(() => only.seen.get('a/y')).toEqual([2, 3]);
		await only.close();
	});
});

/** Follows the runs from wherever its last frame left it; `single` reads the stream of one series a frame instead. */
function reader(deps: ReturnType<typeof process>['deps'], keys: readonly string[] | null = null) {
	const seen = new Map<string, number[]>();
	const frames: object[] = [];
	let after: string | null = null;
	let stop = new AbortController();
	let reading: Promise<void> = Promise.resolve();
	const take = (runId: string, key: string, values: Float64Array) => {
		seen.set(`${runId}/${key}`, [...(seen.get(`${runId}/${key}`) ?? []), ...values]);
	};
	async function read(single: boolean, signal: AbortSignal) {
		const query = { runIds, keys, after, replay: true };
		if (single)
			for await (const { cursor, runId, key, values } of metricStream(deps, query, signal)) {
				take(runId, key, values);
				after = cursor;
				if (signal.aborted) return;
			}
		else
			for await (const frame of liveMetrics(deps, query, signal)) {
				for (const { runId, key, values } of frame.series) take(runId, key, values);
				frames.push(frame);
				after = frame.cursor;
				if (signal.aborted) return;
			}
	}
	const close = async () => {
		stop.abort();
		await reading;
	};
	const open = (single: boolean) => {
		stop = new AbortController();
		reading = read(single, stop.signal);
	};
	return {
		seen,
		frames,
		open,
		close,
		cut: async (single: boolean) => {
			await close();
			open(single);
		},
		count: () => [...seen.values()].reduce((sum, { length }) => sum + length, 0),
	};
}
