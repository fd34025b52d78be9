import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What the runs table is ordered by and narrowed to, one row a value, so that one index serves every key. Triggers keep
 * it: config leaves with the run's row, metric summaries when an attempt ends (while it lasts, each batch moves them, and
 * a list reads those few runs from metric_series).
 */
export class RunValues1795518000000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		for (const statement of [TABLES, CONFIG, METRICS, EXISTING]) await runner.query(statement);
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query(BACK);
	}
}

const TABLES = `
	CREATE TABLE run_config_value (
		run_id uuid NOT NULL,
		path text NOT NULL,
		value jsonb NOT NULL,
		CONSTRAINT run_config_value_pk PRIMARY KEY (run_id, path)
	);
	CREATE TABLE run_metric_value (
		run_id uuid NOT NULL,
		key text NOT NULL,
		best double precision,
		last double precision,
		min double precision,
		max double precision,
		CONSTRAINT run_metric_value_pk PRIMARY KEY (run_id, key)
	);
`;

/** Texts are cut, and overlong paths left out, because an index entry has 2,704 bytes at the most. */
const CONFIG = `
	CREATE FUNCTION run_config_leaves(config jsonb) RETURNS TABLE (path text, value jsonb) LANGUAGE sql IMMUTABLE AS $$
		WITH RECURSIVE node AS (
			SELECT top.key AS path, top.value
			FROM jsonb_each(CASE WHEN jsonb_typeof(config) = 'object' THEN config END) AS top
			WHERE top.key <> '' AND strpos(top.key, '.') = 0
			UNION ALL
			SELECT node.path || '.' || child.key, child.value
			FROM node, jsonb_each(CASE WHEN jsonb_typeof(node.value) = 'object' THEN node.value END) AS child
			WHERE child.key <> '' AND strpos(child.key, '.') = 0
		)
		SELECT node.path, CASE WHEN jsonb_typeof(node.value) = 'string' THEN to_jsonb(left(node.value #>> '{}', 200)) ELSE node.value END
		FROM node
		WHERE jsonb_typeof(node.value) IN ('string', 'number', 'boolean') AND octet_length(node.path) <= 500
	$$;
	CREATE FUNCTION keep_config_of_new_runs() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO run_config_value (run_id, path, value)
		SELECT fresh.id, leaf.path, leaf.value FROM fresh, run_config_leaves(fresh.config) AS leaf;
		RETURN NULL;
	END
	$$;
	CREATE FUNCTION keep_config_of_changed_run() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		DELETE FROM run_config_value WHERE run_id = NEW.id;
		INSERT INTO run_config_value (run_id, path, value)
		SELECT NEW.id, leaf.path, leaf.value FROM run_config_leaves(NEW.config) AS leaf;
		RETURN NULL;
	END
	$$;
	CREATE TRIGGER run_config_values AFTER INSERT ON run REFERENCING NEW TABLE AS fresh
		FOR EACH STATEMENT EXECUTE FUNCTION keep_config_of_new_runs();
	CREATE TRIGGER run_config_values_change AFTER UPDATE OF config ON run
		FOR EACH ROW WHEN (OLD.config IS DISTINCT FROM NEW.config) EXECUTE FUNCTION keep_config_of_changed_run();
`;

/**
 * Whoever ends an attempt holds its row, so every batch that it accepted is seen. What is best: as bestValue in
 * packages/database/src/run/run-field.ts.
 */
const METRICS = `
	CREATE FUNCTION store_metric_values(run uuid, attempt integer) RETURNS void LANGUAGE sql AS $$
		INSERT INTO run_metric_value (run_id, key, best, last, min, max)
		SELECT series.run_id, series.key,
			CASE WHEN CASE WHEN experiment.metric = series.key THEN experiment.direction = 'MINIMIZE'
				ELSE series.key ~* 'loss|error|(^|_)(mae|mse|rmse)$' END
				THEN series.min_value ELSE series.max_value END,
			series.last_value, series.min_value, series.max_value
		FROM metric_series AS series
			JOIN run ON run.id = series.run_id JOIN experiment ON experiment.id = run.experiment_id
		WHERE series.run_id = $1 AND series.attempt = $2
	$$;
	CREATE FUNCTION keep_metric_values() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		DELETE FROM run_metric_value WHERE run_id = NEW.run_id;
		IF NEW.ended_at IS NOT NULL THEN
			PERFORM store_metric_values(NEW.run_id, NEW.number);
		END IF;
		RETURN NULL;
	END
	$$;
	CREATE TRIGGER attempt_metric_values AFTER INSERT ON attempt
		FOR EACH ROW EXECUTE FUNCTION keep_metric_values();
	CREATE TRIGGER attempt_metric_values_end AFTER UPDATE OF ended_at ON attempt
		FOR EACH ROW WHEN (OLD.ended_at IS DISTINCT FROM NEW.ended_at) EXECUTE FUNCTION keep_metric_values();
`;

/** Indexes last: on full tables they are built faster than kept. */
const EXISTING = `
	INSERT INTO run_config_value (run_id, path, value)
	SELECT run.id, leaf.path, leaf.value FROM run, run_config_leaves(run.config) AS leaf;
	SELECT store_metric_values(run.id, run.attempts) FROM run
	WHERE run.attempts > 0 AND NOT EXISTS (SELECT FROM attempt WHERE attempt.run_id = run.id AND ended_at IS NULL);
	CREATE INDEX run_config_value_order_index ON run_config_value (path, value, run_id);
	CREATE INDEX run_metric_value_best_index ON run_metric_value (key, best, run_id);
	CREATE INDEX run_metric_value_last_index ON run_metric_value (key, last, run_id);
	CREATE INDEX run_metric_value_min_index ON run_metric_value (key, min, run_id);
	CREATE INDEX run_metric_value_max_index ON run_metric_value (key, max, run_id);
`;

const BACK = `
	DROP TRIGGER run_config_values ON run;
	DROP TRIGGER run_config_values_change ON run;
	DROP TRIGGER attempt_metric_values ON attempt;
	DROP TRIGGER attempt_metric_values_end ON attempt;
	DROP FUNCTION keep_config_of_new_runs, keep_config_of_changed_run, keep_metric_values, store_metric_values, run_config_leaves;
	DROP TABLE run_config_value, run_metric_value;
`;
