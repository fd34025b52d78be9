import type { RunFilterField } from '@graft/domain/run-filter';
import { bestValue } from './run-field.js';
import type { SqlParams } from './sql-params.js';

export type ValueField = Extract<RunFilterField, { kind: 'config' | 'metric' }>;

/**
 * `run_id` and `value` of the runs that have a value for the field, as a subquery that one index answers in the order of
 * value and run. Metrics of attempts that last still come from metric_series: these are as many as there are slots.
 */
export function runValues(field: ValueField, params: SqlParams): string {
	if (field.kind === 'config') {
		return `(SELECT run_id, value FROM run_config_value WHERE path = ${params.add(field.path.join('.'), 'text')})`;
	}
	const key = params.add(field.key, 'text');
	const value = field.at === 'best' ? bestValue(key) : `series.${field.at}_value`;
	return `(
		SELECT run_id, ${field.at} AS value FROM run_metric_value WHERE key = ${key} AND ${field.at} IS NOT NULL
		UNION ALL
		SELECT live.run_id, live.value FROM (
			SELECT attempt.run_id, ${value} AS value
			FROM attempt JOIN metric_series AS series
				ON series.run_id = attempt.run_id AND series.attempt = attempt.number AND series.key = ${key}
				JOIN run AS held ON held.id = attempt.run_id JOIN experiment ON experiment.id = held.experiment_id
			WHERE attempt.ended_at IS NULL
		) AS live WHERE live.value IS NOT NULL
	)`;
}
