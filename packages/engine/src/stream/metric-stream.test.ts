import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHub } from './hub.js';
import { CursorError, decodeMetricCursor, encodeMetricCursor, type Position } from './metric-cursor.js';
import { type MetricSource, metricStream, metricTopic } from './metric-stream.js';

type Batch = { position: Position; series: Record<string, number[]> };

/** The store as a list: batches in order, joined into reads of at most `limit` batches of one attempt. */
function sourceOf(record: Map<string, Batch[]>, limit: number): MetricSource {
	const isAfter = (a: Position, b: Position) =>
		a.attempt > b.attempt || (a.attempt === b.attempt && a.sequence > b.sequence);
	return {
		async readAfter(runId, after, until) {
			const rest = (record.get(runId) ?? []).filter(({ position }) => isAfter(position, after));
			const attempt = rest[0]?.position.attempt;
			const batches = rest.filter(({ position }) => position.attempt === attempt);
			const read =
				until === null ? batches.slice(0, limit) : batches.filter((batch) => !isAfter(batch.position, until));
			const upTo = read.at(-1)?.position;
			if (upTo === undefined) return null;
			const keys = [...new Set(read.flatMap(({ series }) => Object.keys(series)))].sort();
			const series = keys.map((key) => {
				const values = Float64Array.from(read.flatMap((batch) => batch.series[key] ?? []));
				return { key, steps: values, values };
			});
			return { upTo, series };
		},
	};
}

const batch = fc.record({
	run: fc.constantFrom('a', 'b', 'c'),
	newAttempt: fc.boolean(),
	keys: fc.uniqueArray(fc.constantFrom('x', 'y', 'z'), { minLength: 1 }),
});

describe('metricStream', () => {
	it('delivers each point once, in order, whatever is cut when', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(batch, { maxLength: 40 }),
				fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 30 }),
				fc.integer({ min: 1, max: 5 }),
				async (batches, cuts, limit) => {
					const record = new Map<string, Batch[]>();
					const expected = new Map<string, number[]>();
					const hub = createHub();
					const deps = { hub, source: sourceOf(record, limit) };
					const runIds = ['b', 'a', 'c'];
					const seen = new Map<string, number[]>();
					let after: string | null = null;
					let value = 0;
					let next = 0;
					const append = (count: number) => {
						for (const { run, newAttempt, keys } of batches.slice(next, next + count)) {
							const list = record.get(run) ?? [];
							record.set(run, list);
							const last = list.at(-1)?.position ?? { attempt: 1, sequence: 0 };
							const position: Position = newAttempt
								? { attempt: last.attempt + 1, sequence: 1 }
								: { attempt: last.attempt, sequence: last.sequence + 1 };
							const series = Object.fromEntries(keys.map((key) => [key, [++value, ++value]]));
							list.push({ position, series });
							for (const key of keys) {
								expected.set(`${run}/${key}`, [...(expected.get(`${run}/${key}`) ?? []), ...(series[key] ?? [])]);
							}
							hub.announce([metricTopic(run)]);
						}
						next += count;
					};
					const total = () => [...expected.values()].reduce((sum, list) => sum + list.length, 0);
					const received = () => [...seen.values()].reduce((sum, list) => sum + list.length, 0);
					const take = async (frames: number) => {
						const stop = new AbortController();
						const stream = metricStream(deps, { runIds, keys: null, after }, stop.signal);
						for (let index = 0; index < frames && received() < total(); index += 1) {
							const { value: frame, done } = await stream.next();
							if (done || frame === undefined) break;
							seen.set(`${frame.runId}/${frame.key}`, [
								...(seen.get(`${frame.runId}/${frame.key}`) ?? []),
								...frame.values,
							]);
							after = frame.cursor;
						}
						stop.abort();
						await stream.return?.();
					};
					for (const cut of cuts) {
						append(cut);
						await take(cut);
					}
					append(batches.length);
					await take(Number.POSITIVE_INFINITY);
					expect(seen).toEqual(expected);
					expect(hub.size).toBe(0);
				},
			),
			{ numRuns: 300 },
		);
	});

	it('wakes for news that comes while it waits', async () => {
		const record = new Map<string, Batch[]>();
		const hub = createHub();
		const stop = new AbortController();
		const stream = metricStream(
			{ hub, source: sourceOf(record, 9) },
			{ runIds: ['a'], keys: ['x'], after: null },
			stop.signal,
		);
		const first = stream.next();
		record.set('a', [{ position: { attempt: 1, sequence: 1 }, series: { x: [1], y: [2] } }]);
		hub.announce([metricTopic('a')]);
		expect((await first).value).toMatchObject({ runId: 'a', key: 'x', attempt: 1 });
		const end = stream.next();
		stop.abort();
		expect((await end).done).toBe(true);
	});

	it('holds one mark a topic for a reader that does not come', () => {
		const hub = createHub();
		const news = hub.listen(['metric:a', 'metric:b']);
		for (let index = 0; index < 100_000; index += 1) hub.announce(['metric:a', 'metric:b', 'metric:other']);
		return expect(news.next()).resolves.toEqual(new Set(['metric:a', 'metric:b']));
	});
});

describe('metric cursor', () => {
	it('comes back as it went', () => {
		const position = fc.record({ attempt: fc.nat(300), sequence: fc.maxSafeNat() });
		fc.assert(
			fc.property(fc.uniqueArray(fc.uuid(), { minLength: 1 }), position, fc.boolean(), (runIds, at, half) => {
				const positions = new Map(runIds.map((runId) => [runId, at]));
				const partial = half ? { runId: runIds[0] ?? '', upTo: at, keysDone: 3 } : null;
				const text = encodeMetricCursor(runIds, { positions, partial });
				expect(decodeMetricCursor([...runIds].reverse(), text)).toEqual({ positions, partial });
			}),
		);
	});

	it('refuses other runs, other text and a cut one', () => {
		const text = encodeMetricCursor(['a', 'b'], { positions: new Map(), partial: null });
		expect(() => decodeMetricCursor(['a'], text)).toThrow(CursorError);
		expect(() => decodeMetricCursor(['a', 'b'], 'nonsense')).toThrow(CursorError);
		expect(() => decodeMetricCursor(['a', 'b'], text.slice(0, -2))).toThrow(CursorError);
	});
});
