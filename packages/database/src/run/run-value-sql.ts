import type { RunFilterField } from '@graft/domain/run-filter';
import type { SqlParams } from './sql-params.js';

export type ValueField = Extract<RunFilterField, { kind: 'config' | 'metric' }>;

/**
 * `run_id` and `value` of the runs that have a value for the field, as a subquery that one index answers in the order of
 * value and run. Of a metric: the runs that no attempt holds now.
 */
export function runValues(field: ValueField, params: SqlParams): string {
	if (field.kind === 'config') {
		return `(SELECT run_id, value FROM run_config_value WHERE path = ${params.add(field.path.join('.'), 'text')})`;
	}
	const key = params.add(field.key, 'text');
	return `(SELECT run_id, ${field.at} AS value FROM run_metric_value WHERE key = ${key} AND ${field.at} IS NOT NULL)`;
}
