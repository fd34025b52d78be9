import type { MetricBatch } from '@graft/domain/metric';
import type { Position } from './metric-cursor.js';
import type { MetricRead, MetricSource } from './metric-stream.js';

/** Points of one run, and of all, that are kept for readers that are a little behind: some 32 MB in all. */
const POINTS_PER_RUN = 50_000;
const POINTS_IN_ALL = 2_000_000;
const RUNS_IN_ALL = 10_000;

/** The record itself, behind the tail. */
export interface MetricRecord {
	readAfter(runId: string, after: Position, until: Position | null): Promise<MetricRead | null>;
}

/**
 * The newest batches of the runs that somebody follows, as they were stored, so that a batch is not read back from the
 * database once for each reader. Only what is certain is kept: batches that follow each other without a gap, and the
 * position behind which there is nothing as far as this process knows. Whatever another process stores (`forget`) is read
 * from the record, once for all readers that stand at the same position.
 */
export interface MetricTail extends MetricSource {
	/** A batch of this process has been stored. `followed`: somebody listens to the run. */
	add(runId: string, attempt: number, batch: MetricBatch, followed: boolean): void;
	forget(runId: string): void;
	forgetAll(): void;
}

interface Entry {
	/** In order, each the next of the one before. */
	batches: MetricRead[];
	points: number;
	/** Nothing is stored behind it; null where that is not known. */
	end: Position | null;
	/** Reads of the record under way, and joined batches, by the position that they begin after. */
	reads: Map<string, Promise<MetricRead | null>>;
	joined: Map<number, MetricRead>;
}

const isSame = (a: Position, b: Position): boolean => a.attempt === b.attempt && a.sequence === b.sequence;

export function createMetricTail(record: MetricRecord): MetricTail {
	/** Least recently written first. */
	const entries = new Map<string, Entry>();
	let pointsInAll = 0;

	function drop(runId: string): void {
		pointsInAll -= entries.get(runId)?.points ?? 0;
		entries.delete(runId);
	}

	function entryOf(runId: string): Entry {
		const known = entries.get(runId);
		if (known !== undefined) return known;
		const entry: Entry = { batches: [], points: 0, end: null, reads: new Map(), joined: new Map() };
		entries.set(runId, entry);
		shorten(entry);
		return entry;
	}

	function shorten(entry: Entry): void {
		while (entry.points > POINTS_PER_RUN && entry.batches.length > 1) {
			const points = pointsOf(entry.batches.shift());
			entry.points -= points;
			pointsInAll -= points;
		}
		for (const runId of entries.keys()) {
			if (pointsInAll <= POINTS_IN_ALL && entries.size <= RUNS_IN_ALL) break;
			drop(runId);
		}
	}

	/** Undefined where the tail does not reach back so far. */
	function known(entry: Entry | undefined, after: Position): MetricRead | null | undefined {
		if (entry?.end && isSame(entry.end, after)) return null;
		const first = entry?.batches[0]?.upTo;
		if (entry === undefined || first === undefined || first.attempt !== after.attempt) return undefined;
		const at = after.sequence + 1 - first.sequence;
		if (at < 0 || at >= entry.batches.length) return undefined;
		const joined = entry.joined.get(at) ?? join(entry.batches.slice(at));
		entry.joined.set(at, joined);
		return joined;
	}

	function readRecord(runId: string, after: Position): Promise<MetricRead | null> {
		const entry = entryOf(runId);
		const key = `${after.attempt} ${after.sequence}`;
		const under = entry.reads.get(key);
		if (under !== undefined) return under;
		const reading = record.readAfter(runId, after, null).then((read) => {
			// Another entry means that there has been news since the read began.
			if (read === null && entries.get(runId) === entry && entry.batches.length === 0) entry.end = after;
			return read;
		});
		entry.reads.set(key, reading);
		void reading.catch(() => undefined).finally(() => entry.reads.delete(key));
		return reading;
	}

	return {
		readAfter(runId, after, until) {
			// A range that a cursor names exactly is read exactly.
			if (until !== null) return record.readAfter(runId, after, until);
			const read = known(entries.get(runId), after);
			return read === undefined ? readRecord(runId, after) : read;
		},
		add(runId, attempt, { sequence, series }, followed) {
			const before = entries.get(runId);
			const upTo = { attempt, sequence };
			const follows = before?.end && before.end.attempt === attempt && before.end.sequence === sequence - 1;
			drop(runId);
			if (!followed) return;
			const batch = toRead(upTo, series);
			const entry = entryOf(runId);
			if (follows && before !== undefined) {
				entry.batches = before.batches;
				entry.points = before.points;
				pointsInAll += before.points;
			}
			entry.batches.push(batch);
			entry.points += pointsOf(batch);
			pointsInAll += pointsOf(batch);
			entry.end = upTo;
			shorten(entry);
		},
		forget: drop,
		forgetAll() {
			entries.clear();
			pointsInAll = 0;
		},
	};
}

function toRead(upTo: Position, series: MetricBatch['series']): MetricRead {
	const filled = series.filter(({ steps }) => steps.length > 0);
	return { upTo, series: [...filled].sort((a, b) => (a.key < b.key ? -1 : 1)) };
}

const pointsOf = (read: MetricRead | undefined): number =>
	read?.series.reduce((sum, { steps }) => sum + steps.length, 0) ?? 0;

/** Batches of one attempt as one read, each series in order of arrival. */
function join(batches: readonly MetricRead[]): MetricRead {
	const last = batches.at(-1) as MetricRead;
	if (batches.length === 1) return last;
	const parts = new Map<string, MetricRead['series'][number][]>();
	for (const { series } of batches)
		for (const one of series) {
			const known = parts.get(one.key);
			if (known === undefined) parts.set(one.key, [one]);
			else known.push(one);
		}
	const keys = [...parts.keys()].sort();
	return {
		upTo: last.upTo,
		series: keys.map((key) => {
			const lists = parts.get(key) ?? [];
			return { key, steps: concat(lists.map(({ steps }) => steps)), values: concat(lists.map(({ values }) => values)) };
		}),
	};
}

function concat(lists: readonly Float64Array[]): Float64Array {
	const all = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const list of lists) {
		all.set(list, at);
		at += list.length;
	}
	return all;
}
