import type { Database } from '@graft/database/connection';
import { readBatchesAfter } from '@graft/database/metric';
import type { LiveMetrics, MetricFrame } from '@graft/domain/metric';
import { expect } from 'vitest';
import type { LogFrame } from '../../contract/inputs.js';
import { KEYS } from './commands.js';
import type { ModelPoint } from './run-record.js';
import { engineOf, type Observed } from './scenario.js';

/** Where somebody is who follows a run over the whole test, and comes back with the cursor of the last frame that he saw. */
interface Place {
	readonly cursor: string | null;
	readonly attempt: number;
	readonly sequence: number;
	readonly lines: number;
	readonly logCursor: string | null;
}
const START: Place = { cursor: null, attempt: 0, sequence: 0, lines: 0, logCursor: null };
const followers = new WeakMap<Observed, Place>();

/** Batches as they are stored, and what every stream brings: from the start, and from where a follower was. */
export async function compareStreams(database: Database, scenario: Observed): Promise<void> {
	await compareBatches(database, scenario);
	const known = followers.get(scenario) ?? START;
	await compareMetrics(database, scenario, START, ['epoch', 'loss']);
	await compareMetrics(database, scenario, START, null);
	const cursor = await compareMetrics(database, scenario, known, null);
	await compareLog(database, scenario, START);
	const logCursor = await compareLog(database, scenario, known);
	const { last, lines } = scenario.record;
	followers.set(scenario, { ...last, lines: lines.length, cursor, logCursor });
}

/** From the start, batch after batch; and each range again, as after a cut in the middle of it. */
async function compareBatches(database: Database, { record, runId }: Observed): Promise<void> {
	const got = new Map<string, number[]>();
	let after = START as { attempt: number; sequence: number };
	for (;;) {
		const range = await readBatchesAfter(database, runId, after, null);
		if (range === null) break;
		expect(await readBatchesAfter(database, runId, after, range.upTo)).toEqual(range);
		for (const { key, values } of range.series) got.set(key, (got.get(key) ?? []).concat(Array.from(values)));
		expect(range.upTo.attempt > after.attempt || range.upTo.sequence > after.sequence).toBe(true);
		after = range.upTo;
	}
	for (const key of KEYS) expect(got.get(key) ?? []).toEqual(record.visible(key).map(({ value }) => value));
}

/** Both streams of metrics from a place; answers the cursor of the end. */
async function compareMetrics(
	database: Database,
	{ record, runId }: Observed,
	{ cursor, attempt, sequence }: Place,
	keys: readonly string[] | null,
): Promise<string | null> {
	const isNew = (point: ModelPoint) =>
		point.attempt > attempt || (point.attempt === attempt && point.sequence > sequence);
	const wanted = (keys ?? KEYS).map((key) => ({ key, points: record.visible(key).filter(isNew) }));
	const count = wanted.reduce((sum, { points }) => sum + points.length, 0);
	const query = { runIds: [runId], keys };
	const engine = () => engineOf(database).engine;
	const [frames, merged] = await Promise.all([
		replay<MetricFrame>(cursor, count, {
			open: (after, signal) => engine().metricStream({ ...query, after }, signal),
			sizeOf: ({ values }) => values.length,
		}),
		replay<LiveMetrics>(cursor, count, {
			open: (after, signal) => engine().liveMetrics({ ...query, after, replay: true }, signal),
			sizeOf: ({ series }) => series.reduce((sum, { values }) => sum + values.length, 0),
		}),
	]);
	for (const delivered of [frames, merged.flatMap(({ series }) => series)])
		for (const { key, points } of wanted) {
			const own = delivered.filter((series) => series.key === key);
			expect(own.flatMap(({ values }) => Array.from(values))).toEqual(points.map(({ value }) => value));
			expect(own.flatMap(({ steps }) => Array.from(steps))).toEqual(points.map(({ step }) => step));
		}
	return frames.at(-1)?.cursor ?? cursor;
}

async function compareLog(
	database: Database,
	{ record, runId }: Observed,
	{ lines, logCursor }: Place,
): Promise<string | null> {
	const wanted = record.lines.slice(lines);
	const frames = await replay<LogFrame>(logCursor, wanted.length, {
		open: (after, signal) => engineOf(database).engine.logStream({ runId, after }, signal),
		sizeOf: (frame) => frame.lines.length,
	});
	expect(frames.flatMap((frame) => frame.lines)).toEqual(wanted);
	return frames.at(-1)?.cursor ?? logCursor;
}

interface Stream<T> {
	readonly open: (after: string | null, signal: AbortSignal) => AsyncIterable<T>;
	readonly sizeOf: (frame: T) => number;
}

/** Frames until `count` items have come; after every third one the connection is cut, and another process goes on. */
async function replay<T extends { readonly cursor: string }>(
	start: string | null,
	count: number,
	{ open, sizeOf }: Stream<T>,
): Promise<readonly T[]> {
	const frames: T[] = [];
	let left = count;
	while (left > 0) {
		const leave = new AbortController();
		const patience = setTimeout(() => leave.abort(), PATIENCE_MS);
		let taken = 0;
		for await (const frame of open(frames.at(-1)?.cursor ?? start, leave.signal)) {
			frames.push(frame);
			left -= sizeOf(frame);
			taken += 1;
			if (left <= 0 || taken === 3) leave.abort();
		}
		clearTimeout(patience);
		if (taken === 0) throw new Error(`${left} of ${count} did not come.`);
	}
	return frames;
}
/** What is stored comes at once; a stream that is silent for so long will not bring it. */
const PATIENCE_MS = 10_000;
