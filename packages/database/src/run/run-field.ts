import type { RunFilterColumn, RunFilterField } from '@graft/domain/run-filter';
import type { SqlParams } from './sql-params.js';

export type SqlType = 'text' | 'integer' | 'timestamptz' | 'double precision' | 'jsonb';
export interface SqlField {
	readonly text: string;
	readonly type: SqlType;
}

const COLUMNS: Readonly<Record<RunFilterColumn, SqlField>> = {
	name: { text: 'run.name', type: 'text' },
	status: { text: 'run.status', type: 'text' },
	seed: { text: 'run.seed', type: 'integer' },
	queuedAt: { text: 'run.queued_at', type: 'timestamptz' },
	startedAt: { text: 'run.started_at', type: 'timestamptz' },
	finishedAt: { text: 'run.finished_at', type: 'timestamptz' },
};

/** The SQL value of a field that has one value a run. Needs `run` in the FROM. */
export function sqlField(field: Exclude<RunFilterField, { kind: 'tag' }>, params: SqlParams): SqlField {
	if (field.kind === 'column') return COLUMNS[field.name];
	if (field.kind === 'config') return { text: `(run.config #> ${params.add(field.path, 'text[]')})`, type: 'jsonb' };
	const key = params.add(field.key, 'text');
	const value = field.at === 'best' ? bestValue(key) : `${field.at}_value`;
	// The latest attempt's row speaks for the run: see metric-series.entity.ts.
	return {
		text: `(SELECT ${value} FROM metric_series WHERE run_id = run.id AND attempt = run.attempts AND key = ${key})`,
		type: 'double precision',
	};
}

/** As bestDirection in metric/summaries.ts: the experiment's direction for its own metric, else by the metric's name. */
const bestValue = (key: string) => `
	CASE WHEN (SELECT CASE WHEN experiment.metric = ${key} THEN experiment.direction = 'MINIMIZE' ELSE ${key} ~* 'loss|error|(^|_)(mae|mse|rmse|perplexity)$' END
		FROM experiment WHERE experiment.id = run.experiment_id) THEN min_value ELSE max_value END`;
