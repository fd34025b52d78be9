import type { RunFilterField } from '@graft/domain/run-filter';
import { sqlField } from './run-field.js';
import { keptField } from './run-value-sql.js';
import type { SqlParams } from './sql-params.js';

export interface RunOrderField {
	readonly field: RunFilterField;
	readonly direction: 'ASC' | 'DESC';
}
/** A text or null for each order field, then the run's id. */
export type RunKey = readonly (string | null)[];
export interface SqlKey {
	readonly text: string;
	readonly type: string;
	readonly direction: 'ASC' | 'DESC';
	readonly nullable: boolean;
}

/** What one order field compares, for a run that need not have it. Needs `run` in the FROM. */
export function sqlKey({ field, direction }: RunOrderField, params: SqlParams): SqlKey {
	const kept = keptField(field, direction);
	if (kept.kind === 'queuedAt') return { text: 'run.queued_at', type: 'timestamptz', direction, nullable: false };
	if (kept.kind === 'metric') return { ...sqlField(kept, params), direction, nullable: true };
	const path = params.add(kept.path, 'text');
	const text = `(SELECT value FROM run_value WHERE run_id = run.id AND path = ${path})`;
	return { text, type: 'jsonb', direction, nullable: true };
}

/** ORDER BY; without a word about nulls where there are none, because an index has them first. */
export function orderSql(keys: readonly SqlKey[], id: string, idDirection: 'ASC' | 'DESC'): string {
	const parts = keys.map(({ text, direction, nullable }) => `${text} ${direction}${nullable ? ' NULLS LAST' : ''}`);
	return [...parts, `${id} ${idDirection}`].join(', ');
}

/** `(k1, k2, id)` behind `after`, for directions that may differ and keys that may be null. */
export function behindSql(
	keys: readonly SqlKey[],
	id: string,
	idDirection: 'ASC' | 'DESC',
	after: RunKey,
	params: SqlParams,
): string {
	const further = (direction: 'ASC' | 'DESC') => (direction === 'ASC' ? '>' : '<');
	const idParam = params.add(after[keys.length] ?? null, 'uuid');
	const [only] = keys;
	// A comparison of rows is where an index scan begins, however many runs share the value.
	if (keys.length === 1 && only !== undefined && !only.nullable && only.direction === idDirection) {
		const param = params.add(after[0] ?? null, only.type);
		return `(${only.text}, ${id}) ${further(idDirection)} (${param}, ${idParam})`;
	}
	let condition = `${id} ${further(idDirection)} ${idParam}`;
	for (let at = keys.length - 1; at >= 0; at--) {
		const { text, type, direction, nullable } = keys[at] as SqlKey;
		const value = after[at] ?? null;
		// Nulls come last: nothing but other nulls is behind one.
		if (value === null) condition = `(${text} IS NULL AND ${condition})`;
		else {
			const param = params.add(value, type);
			const missing = nullable ? ` OR ${text} IS NULL` : '';
			condition = `(${text} ${further(direction)} ${param}${missing} OR (${text} = ${param} AND ${condition}))`;
			// The same said once more in a form that an index scan begins at.
			if (at === 0 && !nullable) condition = `(${text} ${further(direction)}= ${param} AND ${condition})`;
		}
	}
	return condition;
}
