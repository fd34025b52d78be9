import type { Attempt } from '@graft/domain/run';
import type { Session, Statement } from '../connection/index.js';

/** Of a series as it stands with an attempt: how many points count, and where they lie. */
export interface Extent {
	readonly count: number;
	/** Null where it was not kept, in rows of old. */
	readonly firstStep: number | null;
	readonly lastStep: number;
}
/** What says which of a run's points count. */
export type RecordAttempt = Pick<Attempt, 'number' | 'resumedFromStep'>;
export interface LoggedAttempt extends RecordAttempt {
	/** Of its newest batch. */
	readonly lastSequence: number;
}

export interface RunRecord {
	/** Changes whenever what queries of the run's metrics answer may: with each batch, attempt and resume. */
	readonly version: string;
	/** In the order of their numbers, with the series that were asked for. */
	readonly attempts: readonly (RecordAttempt & { readonly series: ReadonlyMap<string, Extent> })[];
}

const find: Statement = {
	name: 'run-records',
	text: `
		SELECT attempt.run_id AS "runId", number, resumed_from_step AS "resumedFromStep",
			last_metric_sequence AS "lastSequence", key, count, first_step AS "firstStep", last_step AS "lastStep"
		FROM attempt LEFT JOIN metric_series AS series
			ON series.run_id = attempt.run_id AND series.attempt = number AND series.key = ANY($2::text[])
		WHERE attempt.run_id = ANY($1::uuid[]) ORDER BY attempt.run_id, number`,
};

interface Row extends LoggedAttempt, Extent {
	readonly runId: string;
	/** Null: the attempt has none of the series. */
	readonly key: string | null;
}

/** The record of each run that has begun, with what is known of its series of these keys; other runs are absent. */
export async function findRunRecords(
	session: Session,
	runIds: readonly string[],
	keys: readonly string[] = [],
): Promise<ReadonlyMap<string, RunRecord>> {
	const rows = await session.query<Row>(find, [[...new Set(runIds)], [...new Set(keys)]]);
	const byRun = new Map<string, (LoggedAttempt & { series: Map<string, Extent> })[]>();
	for (const { runId, number, resumedFromStep, lastSequence, key, count, firstStep, lastStep } of rows) {
		const attempts = byRun.get(runId) ?? [];
		byRun.set(runId, attempts);
		if (attempts.at(-1)?.number !== number) attempts.push({ number, resumedFromStep, lastSequence, series: new Map() });
		if (key !== null) attempts.at(-1)?.series.set(key, { count, firstStep, lastStep });
	}
	return new Map([...byRun].map(([runId, attempts]) => [runId, { version: versionOf(attempts), attempts }]));
}

/** Attempts in the order of their numbers. */
export const versionOf = (attempts: readonly LoggedAttempt[]): string =>
	attempts.map((one) => `${one.number}:${one.resumedFromStep}:${one.lastSequence}`).join();

/** The latest attempt's series speak for the run; those of an earlier one for the run as it stood before the next. */
export function extentOf(
	record: RunRecord | undefined,
	key: string,
	attempt: number | null = null,
): Extent | undefined {
	const speaks = attempt === null ? record?.attempts.at(-1) : record?.attempts.find(({ number }) => number === attempt);
	return speaks?.series.get(key);
}
