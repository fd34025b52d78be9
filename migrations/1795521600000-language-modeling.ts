import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A third task, and its measure: less perplexity is better, also of what scripts have logged under that name. */
export class LanguageModeling1795521600000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query(tasks("'CLASSIFICATION', 'REGRESSION', 'LANGUAGE_MODELING'"));
		await runner.query(bestOf('mae|mse|rmse|perplexity'));
		await runner.query(bestIs('min'));
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query(tasks("'CLASSIFICATION', 'REGRESSION'"));
		await runner.query(bestOf('mae|mse|rmse'));
		await runner.query(bestIs('max'));
	}
}

const tasks = (names: string): string => `
	ALTER TABLE dataset DROP CONSTRAINT dataset_task_check;
	ALTER TABLE dataset ADD CONSTRAINT dataset_task_check CHECK (task IN (${names}));
`;

/** Of runs that are over, but for the metric that decides in their experiment, which has a direction of its own. */
const bestIs = (end: 'min' | 'max'): string => `
	UPDATE run_metric_value AS stored SET best = stored.${end}
	FROM run JOIN experiment ON experiment.id = run.experiment_id
	WHERE run.id = stored.run_id AND stored.key ~* '(^|_)perplexity$' AND experiment.metric <> stored.key
`;

/** As bestValue in packages/database/src/run/run-field.ts. */
const bestOf = (errors: string): string => `
	CREATE OR REPLACE FUNCTION store_metric_values(run uuid, attempt integer) RETURNS void LANGUAGE sql AS $$
		INSERT INTO run_metric_value (run_id, key, best, last, min, max)
		SELECT series.run_id, series.key,
			CASE WHEN CASE WHEN experiment.metric = series.key THEN experiment.direction = 'MINIMIZE'
				ELSE series.key ~* 'loss|error|(^|_)(${errors})$' END
				THEN series.min_value ELSE series.max_value END,
			series.last_value, series.min_value, series.max_value
		FROM metric_series AS series
			JOIN run ON run.id = series.run_id JOIN experiment ON experiment.id = run.experiment_id
		WHERE series.run_id = $1 AND series.attempt = $2
	$$;
`;
