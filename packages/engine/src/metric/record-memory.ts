import type { RunRecord } from '@graft/database/metric';

/**
 * The records of runs as they were found a moment ago: who zooms asks for the same series again and again. A query that begins
 * with one of these is answered right, for it is told what has changed; it only reads more than it shows where series have grown
 * much. So what is old is forgotten.
 */
export interface RecordMemory {
	/** Null where one of the runs is not known with all of the keys. */
	recall(runIds: readonly string[], keys: readonly string[]): ReadonlyMap<string, RunRecord> | null;
	/** @param keys of the series that the records were asked for. */
	remember(records: ReadonlyMap<string, RunRecord>, keys: readonly string[]): void;
}

const KEPT_MS = 5_000;
const RUNS_KEPT = 5_000;

export function createRecordMemory(now: () => number = () => performance.now()): RecordMemory {
	const known = new Map<string, { readonly at: number; readonly record: RunRecord; readonly keys: Set<string> }>();

	const find = (runId: string) => {
		const entry = known.get(runId);
		return entry === undefined || now() - entry.at > KEPT_MS ? undefined : entry;
	};
	return {
		recall(runIds, keys) {
			const records = new Map<string, RunRecord>();
			for (const runId of runIds) {
				const entry = find(runId);
				if (entry === undefined || !keys.every((key) => entry.keys.has(key))) return null;
				records.set(runId, entry.record);
			}
			return records;
		},
		remember(records, keys) {
			for (const [runId, record] of records) {
				const before = find(runId);
				// Charts of one run ask for different keys at the same moment.
				const same = before?.record.version === record.version ? before : undefined;
				known.delete(runId);
				known.set(runId, {
					at: now(),
					record: same === undefined ? record : merge(same.record, record),
					keys: new Set([...(same?.keys ?? []), ...keys]),
				});
			}
			for (const oldest of known.keys()) {
				if (known.size <= RUNS_KEPT) break;
				known.delete(oldest);
			}
		},
	};
}

/** Two of the same version, and so of the same attempts. */
const merge = (one: RunRecord, other: RunRecord): RunRecord => ({
	version: one.version,
	attempts: one.attempts.map((attempt, at) => ({
		...attempt,
		series: new Map([...attempt.series, ...(other.attempts[at]?.series ?? [])]),
	})),
});
