import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Tags, name, seed, strategy, backbone, dataset, status and the two instants stand beside the config's values, under names that no config can have (they
 * begin with a dot), so that one index serves every order and finds the runs of a tag. Triggers keep them with the run's row.
 */
export class RunFacts1795539600000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		for (const statement of [RENAME, FUNCTIONS, EXISTING]) await runner.query(statement);
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query(BACK);
	}
}

const RENAME = `
	DROP TRIGGER run_config_values ON run;
	DROP TRIGGER run_config_values_change ON run;
	DROP FUNCTION keep_config_of_new_runs, keep_config_of_changed_run;
	ALTER TABLE run_config_value RENAME TO run_value;
	ALTER TABLE run_value RENAME CONSTRAINT run_config_value_pk TO run_value_pk;
	ALTER INDEX run_config_value_order_index RENAME TO run_value_order_index;
`;

/** Instants in microseconds, so that they are numbers in their order. What changes while a run is at work is apart: it is little. */
const FUNCTIONS = `
	CREATE FUNCTION run_stage_values(run run) RETURNS TABLE (path text, value jsonb) LANGUAGE sql AS $$
		VALUES ('.status', to_jsonb(run.status)),
			('.startedAt', to_jsonb((extract(epoch FROM run.started_at) * 1000000)::bigint)),
			('.finishedAt', to_jsonb((extract(epoch FROM run.finished_at) * 1000000)::bigint))
	$$;
	CREATE FUNCTION run_given_values(run run) RETURNS TABLE (path text, value jsonb) LANGUAGE sql AS $$
		SELECT leaf.path, leaf.value FROM run_config_leaves(run.config) AS leaf
		UNION ALL VALUES ('.name', to_jsonb(left(run.name, 200))), ('.seed', to_jsonb(run.seed)),
			('.strategy', to_jsonb(run.strategy ->> 'kind')), ('.backboneId', to_jsonb(run.backbone_id)),
			('.datasetId', to_jsonb(run.dataset_id)),
			('.tag.first', (SELECT to_jsonb(min(left(tag, 200))) FROM unnest(run.tags) AS tag)),
			('.tag.last', (SELECT to_jsonb(max(left(tag, 200))) FROM unnest(run.tags) AS tag))
		UNION ALL SELECT DISTINCT '.tag=' || tag, 'true'::jsonb FROM unnest(run.tags) AS tag WHERE octet_length(tag) <= 500
	$$;
	CREATE FUNCTION keep_values_of_new_runs() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO run_value (run_id, path, value)
		SELECT run.id, given.path, given.value FROM fresh JOIN run ON run.id = fresh.id, run_given_values(run) AS given WHERE given.value IS NOT NULL;
		INSERT INTO run_value (run_id, path, value)
		SELECT run.id, given.path, given.value FROM fresh JOIN run ON run.id = fresh.id, run_stage_values(run) AS given WHERE given.value IS NOT NULL;
		RETURN NULL;
	END
	$$;
	CREATE FUNCTION keep_given_values() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		DELETE FROM run_value WHERE run_id = NEW.id AND path NOT IN ('.status', '.startedAt', '.finishedAt');
		INSERT INTO run_value (run_id, path, value)
		SELECT NEW.id, given.path, given.value FROM run_given_values(NEW) AS given WHERE given.value IS NOT NULL;
		RETURN NULL;
	END
	$$;
	CREATE FUNCTION keep_stage_values() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		MERGE INTO run_value AS kept USING run_stage_values(NEW) AS given ON kept.run_id = NEW.id AND kept.path = given.path
		WHEN MATCHED AND given.value IS NULL THEN DELETE
		WHEN MATCHED AND kept.value <> given.value THEN UPDATE SET value = given.value
		WHEN NOT MATCHED AND given.value IS NOT NULL THEN INSERT VALUES (NEW.id, given.path, given.value);
		RETURN NULL;
	END
	$$;
	CREATE TRIGGER run_values AFTER INSERT ON run REFERENCING NEW TABLE AS fresh
		FOR EACH STATEMENT EXECUTE FUNCTION keep_values_of_new_runs();
	CREATE TRIGGER run_given_values_change AFTER UPDATE OF config, tags, name, seed, strategy, backbone_id, dataset_id ON run FOR EACH ROW
		WHEN ((OLD.config, OLD.tags, OLD.name, OLD.seed, OLD.strategy, OLD.backbone_id, OLD.dataset_id)
			IS DISTINCT FROM (NEW.config, NEW.tags, NEW.name, NEW.seed, NEW.strategy, NEW.backbone_id, NEW.dataset_id))
		EXECUTE FUNCTION keep_given_values();
	CREATE TRIGGER run_stage_values_change AFTER UPDATE OF status, started_at, finished_at ON run FOR EACH ROW
		WHEN ((OLD.status, OLD.started_at, OLD.finished_at) IS DISTINCT FROM (NEW.status, NEW.started_at, NEW.finished_at))
		EXECUTE FUNCTION keep_stage_values();
`;

const EXISTING = `
	INSERT INTO run_value (run_id, path, value)
	SELECT run.id, given.path, given.value FROM run, run_given_values(run) AS given WHERE given.value IS NOT NULL AND given.path LIKE '.%';
	INSERT INTO run_value (run_id, path, value)
	SELECT run.id, given.path, given.value FROM run, run_stage_values(run) AS given WHERE given.value IS NOT NULL;
`;

const BACK = `
	DROP TRIGGER run_values ON run;
	DROP TRIGGER run_given_values_change ON run;
	DROP TRIGGER run_stage_values_change ON run;
	DROP FUNCTION keep_values_of_new_runs, keep_given_values, keep_stage_values, run_given_values, run_stage_values;
	DELETE FROM run_value WHERE path LIKE '.%';
	ALTER TABLE run_value RENAME TO run_config_value;
	ALTER TABLE run_config_value RENAME CONSTRAINT run_value_pk TO run_config_value_pk;
	ALTER INDEX run_value_order_index RENAME TO run_config_value_order_index;
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
