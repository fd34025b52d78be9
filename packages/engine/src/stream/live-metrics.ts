import { createHash } from 'node:crypto';
import type { LiveMetrics, LiveSeries } from '@graft/domain/metric';
import type { FrameMemo } from './frame-memo.js';
import type { Hub } from './hub.js';
import { decodeMetricCursor, encodeMetricCursor, type MetricCursor, type Position } from './metric-cursor.js';
import { type MetricRead, type MetricSource, metricTopic } from './metric-stream.js';

export interface MetricsQuery {
	readonly runIds: readonly string[];
	readonly keys: readonly string[] | null;
	readonly after: string | null;
	/** False: without a cursor it begins with what comes next, and the first frame, which has no series, says where that is. */
	readonly replay: boolean;
}

/** A frame and the place behind it; without a frame there is nothing new. */
export interface LiveStep {
	readonly frame: LiveMetrics | null;
	readonly cursor: MetricCursor;
	/** The runs that were looked at have no more than this. */
	readonly done: boolean;
}

export interface LiveSource {
	readonly hub: Hub;
	readonly source: MetricSource;
	readonly memo: FrameMemo;
	/** Where the record of each run ends now. */
	readonly endsOf: (runIds: readonly string[]) => Promise<ReadonlyMap<string, Position>>;
}

/** Points of one frame; more of them wait for the next, so that a replay comes in bites. */
const POINTS_PER_FRAME = 50_000;

/**
 * As `metricStream`, with everything that is new at one moment in one frame. Readers that follow the same runs and stand
 * at the same position are given the very same frame.
 * @throws CursorError before the first frame.
 */
export function liveMetrics(
	{ hub, source, memo, endsOf }: LiveSource,
	query: MetricsQuery,
	signal: AbortSignal,
): AsyncIterableIterator<LiveMetrics> {
	const { runIds, keys } = query;
	const wanted = keys === null ? null : new Set(keys);
	const scope = scopeOf(runIds, wanted);
	const runByTopic = new Map(runIds.map((runId) => [metricTopic(runId), runId]));
	let at: MetricCursor =
		query.after === null ? { positions: new Map(), partial: null } : decodeMetricCursor(runIds, query.after);
	let text = query.after ?? encodeMetricCursor(runIds, at);
	let skips = !query.replay && query.after === null;
	// Listens before the first read, so that nothing falls between the two.
	const news = hub.listen([...runByTopic.keys()], true);
	/** Runs that may have more: at first all of them, later those with news. */
	let left: readonly string[] = runIds;
	let isOver = false;

	const hasMore = (runId: string) =>
		source.readAfter(runId, at.positions.get(runId) ?? START, at.partial?.runId === runId ? at.partial.upTo : null) !==
		null;
	const end = () => {
		isOver = true;
		signal.removeEventListener('abort', end);
		news.close();
	};
	signal.addEventListener('abort', end, { once: true });
	if (signal.aborted) end();

	/** Null: over. */
	async function nextFrame(): Promise<LiveMetrics | null> {
		while (!isOver) {
			if (skips) {
				at = { positions: await endsOf(runIds), partial: null };
				text = encodeMetricCursor(runIds, at);
				skips = false;
				return { cursor: text, series: [] };
			}
			if (left.length === 0) {
				const dirty = await news.next();
				if (dirty === null) return null;
				left = Array.from(dirty, (topic) => runByTopic.get(topic) ?? '');
			}
			let own = false;
			const made = memo.step(`${scope} ${text}`, () => {
				own = true;
				return nextStep(source, runIds, wanted, at, left);
			});
			const step = made instanceof Promise ? await made : made;
			at = step.cursor;
			text = step.frame?.cursor ?? text;
			// Somebody else's step is of other runs, or of a moment ago.
			left = own && step.done ? NOTHING : left.filter(hasMore);
			// A frame of keys that nobody asked for only moves the cursor.
			if (step.frame !== null && step.frame.series.length > 0) return step.frame;
		}
		return null;
	}

	// Not an async generator, which makes a dozen promises of each frame, and there are ten thousand frames a second.
	return {
		async next() {
			try {
				const frame = await nextFrame();
				if (frame !== null) return { done: false, value: frame };
			} catch (error) {
				end();
				throw error;
			}
			end();
			return { done: true, value: undefined };
		},
		async return() {
			end();
			return { done: true, value: undefined };
		},
		[Symbol.asyncIterator]() {
			return this;
		},
	};
}

/** Short, since it is part of a key that each reader makes for each frame. */
function scopeOf(runIds: readonly string[], keys: ReadonlySet<string> | null): string {
	const named = JSON.stringify([[...runIds].sort(), keys === null ? null : [...keys].sort()]);
	return createHash('sha256').update(named).digest('base64');
}

const START = { attempt: 0, sequence: 0 };
const NOTHING: readonly string[] = [];

/** The next frame of these runs after the cursor. */
async function nextStep(
	source: MetricSource,
	runIds: readonly string[],
	keys: ReadonlySet<string> | null,
	from: MetricCursor,
	runs: readonly string[],
): Promise<LiveStep> {
	const positions = new Map(from.positions);
	const series: LiveSeries[] = [];
	// A cursor of `metricStream` may stand within a read: the rest of it comes first.
	let partial = from.partial;
	let points = 0;
	let moved = false;
	for (const runId of partial === null ? runs : new Set([partial.runId, ...runs])) {
		while (points < POINTS_PER_FRAME) {
			const after = positions.get(runId) ?? START;
			const asked = source.readAfter(runId, after, partial?.upTo ?? null);
			const read: MetricRead | null = asked instanceof Promise ? await asked : asked;
			if (read === null) break;
			const fits = read.series.filter(({ key }) => keys === null || keys.has(key));
			for (const { key, steps, values } of fits.slice(partial?.keysDone ?? 0)) {
				if (steps.length === 0) continue;
				points += steps.length;
				series.push({ runId, attempt: read.upTo.attempt, key, steps, values });
			}
			partial = null;
			moved = true;
			positions.set(runId, read.upTo);
		}
	}
	if (!moved) return { frame: null, cursor: from, done: true };
	const cursor = { positions, partial: null };
	const frame = { cursor: encodeMetricCursor(runIds, cursor), series };
	return { frame, cursor, done: points < POINTS_PER_FRAME };
}
