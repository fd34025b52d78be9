import type { MetricFrame } from '@graft/domain/metric';
import type { Hub } from './hub.js';
import { decodeMetricCursor, encodeMetricCursor, type MetricCursor, type Position } from './metric-cursor.js';
import { pull } from './pull.js';

/** Batches of one attempt that were read together, their points joined series by series. */
export interface MetricRead {
	/** Position of the last batch that was read. */
	readonly upTo: Position;
	/** Sorted by key. */
	readonly series: readonly { readonly key: string; readonly steps: Float64Array; readonly values: Float64Array }[];
}

export interface MetricSource {
	/**
	 * What lies after the position, of one attempt only, bounded in size, at most up to `until`; null where there is
	 * nothing. The same arguments give the same series for ever: batches never change.
	 */
	readAfter(runId: string, after: Position, until: Position | null): MetricRead | null | Promise<MetricRead | null>;
}

const TOPIC = 'metric:';
export const metricTopic = (runId: string): string => TOPIC + runId;
export const runOfMetricTopic = (topic: string): string | null =>
	topic.startsWith(TOPIC) ? topic.slice(TOPIC.length) : null;

/**
 * Frames of the runs, each series of a read one frame: first what is stored after the cursor, then live.
 * @throws CursorError before the first frame.
 */
export function metricStream(
	{ hub, source }: { hub: Hub; source: MetricSource },
	query: { runIds: readonly string[]; keys: readonly string[] | null; after: string | null },
	signal: AbortSignal,
): AsyncIterableIterator<MetricFrame> {
	const { runIds } = query;
	const keys = query.keys === null ? null : new Set(query.keys);
	const start: MetricCursor =
		query.after === null ? { positions: new Map(), partial: null } : decodeMetricCursor(runIds, query.after);
	const positions = new Map(start.positions);
	let partial = start.partial;
	const runByTopic = new Map(runIds.map((runId) => [metricTopic(runId), runId]));

	async function* framesOf(runId: string): AsyncGenerator<MetricFrame> {
		for (;;) {
			// A reconnect in the middle of a read repeats that read exactly, and leaves out what was delivered of it.
			const resumed: typeof partial = partial?.runId === runId ? partial : null;
			const after = positions.get(runId) ?? { attempt: 0, sequence: 0 };
			const read = await source.readAfter(runId, after, resumed?.upTo ?? null);
			partial = null;
			if (read === null) return;
			const wanted = read.series.filter(({ key }) => keys === null || keys.has(key));
			for (let index = resumed?.keysDone ?? 0; index < wanted.length; index += 1) {
				const series = wanted[index];
				if (series === undefined) break;
				const last = index === wanted.length - 1;
				if (last) positions.set(runId, read.upTo);
				const cursor = encodeMetricCursor(runIds, {
					positions,
					partial: last ? null : { runId, upTo: read.upTo, keysDone: index + 1 },
				});
				// All of its points belong to an attempt that a later one has superseded.
				if (series.steps.length === 0) continue;
				const { key, steps, values } = series;
				yield { cursor, runId, attempt: read.upTo.attempt, key, steps, values };
			}
			positions.set(runId, read.upTo);
		}
	}

	const read = async function* (dirty: ReadonlySet<string>) {
		// First, since a cursor has room for one unfinished read: another run's frame would forget it.
		if (partial !== null) yield* framesOf(partial.runId);
		for (const [topic, runId] of runByTopic) if (dirty.has(topic)) yield* framesOf(runId);
	};
	return pull(hub, [...runByTopic.keys()], signal, read, true);
}
