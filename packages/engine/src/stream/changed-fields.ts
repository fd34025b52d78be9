import { canonicalJson } from '@graft/domain/json';
import type { Run } from '@graft/domain/run';

/** Everything of a run that can change after it was made. */
const FIELDS = [
	'status',
	'name',
	'tags',
	'priority',
	'progress',
	'failure',
	'verification',
	'queuedAt',
	'startedAt',
	'finishedAt',
	'cancelRequestedAt',
	'pauseRequestedAt',
	'retryAt',
] as const satisfies readonly (keyof Run)[];

/** Runs whose last frame is remembered for each stream: enough for a page, little for a server with many streams. */
const REMEMBERED = 2_000;

/** Tells what is new in each frame of a run. A run that it has no memory of counts as new in every field. */
export function createChangeMemory(): (run: Run) => readonly string[] {
	const last = new Map<string, readonly string[]>();
	return (run) => {
		const now = FIELDS.map((field) => canonicalJson(run[field]));
		const before = last.get(run.id);
		last.delete(run.id);
		// Forgotten, so that a run that is restored is new in every field.
		if (run.deletedAt !== null) return ['deleted'];
		last.set(run.id, now);
		const [oldest] = last.keys();
		if (last.size > REMEMBERED && oldest !== undefined) last.delete(oldest);
		return FIELDS.filter((_, index) => before?.[index] !== now[index]);
	};
}
