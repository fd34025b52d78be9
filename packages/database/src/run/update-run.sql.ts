import { createHash } from 'node:crypto';
import type { Run } from '@graft/domain/run';
import type { Session } from '../connection/index.js';
import type { RunEntity } from './run.entity.js';
import { RUN_COLUMNS, toRun } from './run-row.js';

/** The database's clock at the moment of the write, not at the start of the transaction. */
export const NOW = Symbol('the database clock');
type Instant = typeof NOW | null;

export type RunPatch = Partial<
	Pick<RunEntity, 'status' | 'attempts' | 'crashes' | 'tags' | 'config' | 'spec' | 'freezePlan'> & {
		progress: RunEntity['progress'];
		failure: RunEntity['failure'];
		verification: RunEntity['verification'];
		startedAt: Instant;
		finishedAt: Instant;
		deletedAt: Instant;
		cancelRequestedAt: Instant;
		pauseRequestedAt: Instant;
		/** So long after the write. */
		retryAt: { readonly afterMs: number } | null;
	}
>;

const COLUMNS: Readonly<Record<keyof RunPatch, string>> = {
	status: 'status',
	attempts: 'attempts',
	crashes: 'crashes',
	tags: 'tags',
	config: 'config',
	spec: 'spec',
	freezePlan: 'freeze_plan',
	progress: 'progress',
	failure: 'failure',
	verification: 'verification',
	startedAt: 'started_at',
	finishedAt: 'finished_at',
	deletedAt: 'deleted_at',
	cancelRequestedAt: 'cancel_requested_at',
	pauseRequestedAt: 'pause_requested_at',
	retryAt: 'retry_at',
};
const JSON_FIELDS: ReadonlySet<string> = new Set([
	'progress',
	'failure',
	'verification',
	'config',
	'spec',
	'freezePlan',
]);

/** Writes the given fields of one run; the trigger counts the revision. The caller holds the run's lock. */
export async function updateRun(session: Session, id: string, patch: RunPatch): Promise<Run> {
	const values: unknown[] = [id];
	const assignments = (Object.keys(patch) as (keyof RunPatch)[]).map((field) => {
		const value = patch[field];
		if (value === NOW) return `${COLUMNS[field]} = clock_timestamp()`;
		if (field === 'retryAt' && patch.retryAt != null) {
			values.push(patch.retryAt.afterMs);
			return `retry_at = clock_timestamp() + $${values.length} * interval '1 millisecond'`;
		}
		values.push(JSON_FIELDS.has(field) && value !== null ? JSON.stringify(value) : value);
		return `${COLUMNS[field]} = $${values.length}`;
	});
	const text = `UPDATE run SET ${assignments.join(', ')} WHERE id = $1 RETURNING ${RUN_COLUMNS}`;
	const [row] = await session.query<RunEntity>({ name: nameOf(text), text }, values);
	if (row === undefined) throw new Error(`run ${id} vanished under its lock`);
	return toRun(row);
}

/** There are a few sets of fields only, so each is planned once a connection. A name has 63 characters at the most. */
const nameOf = (text: string): string => `update-run-${createHash('sha1').update(text).digest('hex')}`;
