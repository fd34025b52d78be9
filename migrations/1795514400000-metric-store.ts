import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The log of batches and the compacted chunks, both in a partition for each experiment, so that its points are dropped at
 * once and no vacuum has to follow. A trigger makes and drops the partitions with the experiment's row.
 */
export class MetricStore1795514400000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		for (const statement of [TABLES, PARTITIONS, POINTS]) await runner.query(statement);
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query(BACK);
	}
}

const TABLES = `
	ALTER TABLE metric_chunk RENAME TO metric_chunk_before;
	ALTER TABLE metric_chunk_before RENAME CONSTRAINT metric_chunk_pk TO metric_chunk_before_pk;

	CREATE TABLE metric_batch (
		experiment_id uuid NOT NULL,
		run_id uuid NOT NULL,
		attempt integer NOT NULL,
		sequence bigint NOT NULL,
		points integer NOT NULL,
		stored_at timestamptz NOT NULL DEFAULT now(),
		body bytea NOT NULL,
		CONSTRAINT metric_batch_pk PRIMARY KEY (experiment_id, run_id, attempt, sequence)
	) PARTITION BY LIST (experiment_id);
	-- Mantissas do not compress: trying costs time and saves nothing.
	ALTER TABLE metric_batch ALTER COLUMN body SET STORAGE EXTERNAL;

	CREATE TABLE metric_chunk (
		experiment_id uuid NOT NULL,
		run_id uuid NOT NULL,
		key text NOT NULL,
		attempt integer NOT NULL,
		position bigint NOT NULL,
		count integer NOT NULL,
		first_sequence bigint NOT NULL,
		last_sequence bigint NOT NULL,
		min_step bigint NOT NULL,
		max_step bigint NOT NULL,
		fine_level smallint,
		coarse_level smallint,
		sequences bytea,
		steps bytea NOT NULL,
		times bytea NOT NULL,
		values bytea NOT NULL,
		fine_cells bytea,
		coarse_cells bytea,
		CONSTRAINT metric_chunk_pk PRIMARY KEY (experiment_id, run_id, key, attempt, position)
	) PARTITION BY LIST (experiment_id);
	-- A stream reads what lies after its position.
	CREATE INDEX metric_chunk_sequence_index ON metric_chunk (experiment_id, run_id, attempt, last_sequence);
	-- Compressed already.
	ALTER TABLE metric_chunk
		ALTER COLUMN sequences SET STORAGE EXTERNAL, ALTER COLUMN steps SET STORAGE EXTERNAL,
		ALTER COLUMN times SET STORAGE EXTERNAL, ALTER COLUMN values SET STORAGE EXTERNAL,
		ALTER COLUMN fine_cells SET STORAGE EXTERNAL, ALTER COLUMN coarse_cells SET STORAGE EXTERNAL;
`;

/**
 * Attached, not created in place: that takes no lock that a batch or a query would wait for. Dropping does, for as long as
 * the unlinking of files takes.
 */
const PARTITIONS = `
	CREATE FUNCTION metric_partition(parent text, experiment uuid) RETURNS text LANGUAGE sql IMMUTABLE AS $$
		SELECT parent || '_' || replace(experiment::text, '-', '')
	$$;
	CREATE FUNCTION create_metric_partitions() RETURNS trigger LANGUAGE plpgsql AS $$
	DECLARE
		parent text;
	BEGIN
		FOREACH parent IN ARRAY ARRAY['metric_batch', 'metric_chunk'] LOOP
			EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING ALL)', metric_partition(parent, NEW.id), parent);
			EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES IN (%L)',
				parent, metric_partition(parent, NEW.id), NEW.id);
		END LOOP;
		RETURN NULL;
	END
	$$;
	CREATE FUNCTION drop_metric_partitions() RETURNS trigger LANGUAGE plpgsql AS $$
	DECLARE
		parent text;
	BEGIN
		FOREACH parent IN ARRAY ARRAY['metric_batch', 'metric_chunk'] LOOP
			EXECUTE format('DROP TABLE IF EXISTS %I', metric_partition(parent, OLD.id));
		END LOOP;
		RETURN NULL;
	END
	$$;
	DO $$
	DECLARE
		parent text;
		known uuid;
	BEGIN
		FOR known IN SELECT id FROM experiment LOOP
			FOREACH parent IN ARRAY ARRAY['metric_batch', 'metric_chunk'] LOOP
				EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%L)',
					metric_partition(parent, known), parent, known);
			END LOOP;
		END LOOP;
	END
	$$;
	CREATE TRIGGER experiment_partitions AFTER INSERT ON experiment
		FOR EACH ROW EXECUTE FUNCTION create_metric_partitions();
	CREATE TRIGGER experiment_partitions_drop AFTER DELETE ON experiment
		FOR EACH ROW EXECUTE FUNCTION drop_metric_partitions();
`;

/** Stored points become open chunks, a batch each, which compaction joins; values get the byte that names their form. */
const POINTS = `
	INSERT INTO metric_chunk (experiment_id, run_id, key, attempt, position, count, first_sequence, last_sequence,
		min_step, max_step, steps, times, values)
	SELECT run.experiment_id, run_id, key, attempt,
		sum(count) OVER (PARTITION BY run_id, key, attempt ORDER BY sequence) - count,
		count, sequence, sequence, min_step, max_step, encoded_steps, encoded_times, '\\x00'::bytea || encoded_values
	FROM metric_chunk_before JOIN run ON run.id = run_id;

	ALTER TABLE metric_series ADD COLUMN first_step bigint;
	UPDATE metric_series SET first_step = (
		SELECT min(min_step) FROM metric_chunk_before AS chunk
		WHERE chunk.run_id = metric_series.run_id AND chunk.key = metric_series.key
	);
	DROP TABLE metric_chunk_before;
`;

/** The chunks of before cannot be made again in SQL: only a store without points is taken back. */
const BACK = `
	DO $$
	BEGIN
		IF EXISTS (SELECT FROM metric_batch) OR EXISTS (SELECT FROM metric_chunk) THEN
			RAISE EXCEPTION 'There are points in the store, which the layout of before cannot hold.';
		END IF;
	END
	$$;
	DROP TRIGGER experiment_partitions ON experiment;
	DROP TRIGGER experiment_partitions_drop ON experiment;
	DROP FUNCTION create_metric_partitions(), drop_metric_partitions(), metric_partition(text, uuid);
	DROP TABLE metric_batch, metric_chunk;
	ALTER TABLE metric_series DROP COLUMN first_step;
	CREATE TABLE metric_chunk (
		run_id uuid NOT NULL,
		attempt integer NOT NULL,
		sequence bigint NOT NULL,
		key text NOT NULL,
		count integer NOT NULL,
		non_finite integer NOT NULL,
		min_step bigint NOT NULL,
		max_step bigint NOT NULL,
		min_value double precision,
		max_value double precision,
		sum_value double precision NOT NULL,
		first_value double precision NOT NULL,
		last_value double precision NOT NULL,
		encoded_steps bytea NOT NULL,
		encoded_times bytea NOT NULL,
		encoded_values bytea NOT NULL,
		CONSTRAINT metric_chunk_pk PRIMARY KEY (run_id, attempt, sequence, key)
	);
	CREATE INDEX metric_chunk_series_index ON metric_chunk (run_id, key, attempt, sequence);
	ALTER TABLE metric_chunk ALTER COLUMN encoded_values SET STORAGE EXTERNAL;
`;
