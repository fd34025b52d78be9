import { visibleRanges } from '@graft/domain/metric';
import type { RecordAttempt } from './run-records.sql.js';

/** What is wanted of a series: its points of the steps `from` to `to`, both included. No series is wanted twice. */
export interface Wanted {
	readonly runId: string;
	readonly key: string;
	readonly from: number;
	readonly to: number;
	/** Chunks that have cells of this level or a finer one may come as cells; -1: points alone. */
	readonly level: number;
}
/** Steps are from 0; so this is all of them. */
export const EVERY_STEP = { from: 0, to: Number.MAX_SAFE_INTEGER };

/** Of each attempt that counts, up to which step. */
export type Ranges = ReadonlyMap<number, number>;
const NONE: Ranges = new Map();

export function rangesOf(attempts: readonly RecordAttempt[], last: number | null): Ranges {
	const some = last === null ? attempts : attempts.filter(({ number }) => number <= last);
	return new Map(visibleRanges(some).map(({ attempt, lastStep }) => [attempt, lastStep]));
}

/** What is wanted of a series of one attempt. */
export interface Stretch {
	readonly series: Wanted;
	readonly attempt: number;
	readonly first: number;
	readonly last: number;
}

export function stretchesOf(wanted: readonly Wanted[], ranges: ReadonlyMap<string, Ranges>): Stretch[] {
	return wanted.flatMap((series) => {
		const first = Math.max(Math.ceil(series.from), EVERY_STEP.from);
		return [...(ranges.get(series.runId) ?? NONE)].flatMap(([attempt, lastStep]) => {
			const last = Math.min(Math.floor(series.to), lastStep, EVERY_STEP.to);
			return first <= last ? [{ series, attempt, first, last }] : [];
		});
	});
}
