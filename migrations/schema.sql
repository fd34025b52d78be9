-- Written by the schema test (see migrations/README.md); do not edit.

CREATE TABLE artifact (
	id uuid NOT NULL,
	run_id uuid NOT NULL,
	attempt integer NOT NULL,
	name text NOT NULL,
	kind text NOT NULL,
	bytes bigint NOT NULL,
	digest text NOT NULL,
	step bigint,
	created_at timestamp with time zone NOT NULL DEFAULT now(),
	CONSTRAINT artifact_pk PRIMARY KEY (id),
	CONSTRAINT artifact_attempt_fk FOREIGN KEY (run_id, attempt) REFERENCES attempt(run_id, number),
	CONSTRAINT artifact_blob_fk FOREIGN KEY (digest) REFERENCES blob(digest),
	CONSTRAINT artifact_file_unique UNIQUE (run_id, attempt, name, digest)
);

CREATE TABLE attempt (
	run_id uuid NOT NULL,
	number integer NOT NULL,
	worker_id uuid,
	token_hash bytea NOT NULL,
	started_at timestamp with time zone NOT NULL DEFAULT now(),
	lease_expires_at timestamp with time zone NOT NULL,
	ended_at timestamp with time zone,
	outcome text,
	resumed_from_step bigint,
	last_metric_sequence bigint NOT NULL DEFAULT 0,
	last_log_sequence bigint NOT NULL DEFAULT 0,
	checkpoints jsonb,
	CONSTRAINT attempt_pk PRIMARY KEY (run_id, number),
	CONSTRAINT attempt_ended_check CHECK (((ended_at IS NULL) = (outcome IS NULL))),
	CONSTRAINT attempt_outcome_check CHECK ((outcome = ANY (ARRAY['SUCCEEDED'::text, 'FAILED'::text, 'CANCELLED'::text, 'RELEASED'::text, 'EXPIRED'::text]))),
	CONSTRAINT attempt_run_fk FOREIGN KEY (run_id) REFERENCES run(id),
	CONSTRAINT attempt_worker_fk FOREIGN KEY (worker_id) REFERENCES worker(id)
) WITH (fillfactor=60);
CREATE UNIQUE INDEX attempt_live_index ON public.attempt USING btree (run_id) WHERE (ended_at IS NULL);
CREATE INDEX attempt_worker_live_index ON public.attempt USING btree (worker_id) WHERE (ended_at IS NULL);

CREATE TABLE backbone (
	id uuid NOT NULL,
	name text NOT NULL,
	architecture text NOT NULL,
	modality text NOT NULL,
	weights_digest text,
	source text,
	licence text,
	pretrained_on_id uuid,
	produced_by_id uuid,
	parameter_count bigint NOT NULL,
	layer_groups jsonb NOT NULL,
	input jsonb NOT NULL,
	created_at timestamp with time zone NOT NULL DEFAULT now(),
	CONSTRAINT backbone_pk PRIMARY KEY (id),
	CONSTRAINT backbone_modality_check CHECK ((modality = ANY (ARRAY['IMAGE'::text, 'TEXT'::text, 'TABULAR'::text]))),
	CONSTRAINT backbone_name_unique UNIQUE (name),
	CONSTRAINT backbone_pretrained_on_fk FOREIGN KEY (pretrained_on_id) REFERENCES dataset(id),
	CONSTRAINT backbone_produced_by_fk FOREIGN KEY (produced_by_id) REFERENCES run(id),
	CONSTRAINT backbone_weights_digest_check CHECK ((weights_digest ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE blob (
	digest text NOT NULL,
	bytes bigint NOT NULL,
	created_at timestamp with time zone NOT NULL DEFAULT now(),
	CONSTRAINT blob_pk PRIMARY KEY (digest),
	CONSTRAINT blob_digest_check CHECK ((digest ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE dataset (
	id uuid NOT NULL,
	name text NOT NULL,
	version text NOT NULL,
	modality text NOT NULL,
	task text NOT NULL,
	classes jsonb,
	splits jsonb NOT NULL,
	input jsonb NOT NULL,
	uri text NOT NULL,
	format text NOT NULL,
	options jsonb NOT NULL,
	attribution text,
	created_at timestamp with time zone NOT NULL DEFAULT now(),
	statistics jsonb,
	CONSTRAINT dataset_pk PRIMARY KEY (id),
	CONSTRAINT dataset_modality_check CHECK ((modality = ANY (ARRAY['IMAGE'::text, 'TEXT'::text, 'TABULAR'::text]))),
	CONSTRAINT dataset_name_unique UNIQUE (name),
	CONSTRAINT dataset_task_check CHECK ((task = ANY (ARRAY['CLASSIFICATION'::text, 'REGRESSION'::text, 'LANGUAGE_MODELING'::text])))
);

CREATE TABLE experiment (
	id uuid NOT NULL,
	name text NOT NULL,
	description text,
	metric text NOT NULL,
	direction text NOT NULL,
	created_at timestamp with time zone NOT NULL DEFAULT now(),
	deleted_at timestamp with time zone,
	CONSTRAINT experiment_pk PRIMARY KEY (id),
	CONSTRAINT experiment_direction_check CHECK ((direction = ANY (ARRAY['MAXIMIZE'::text, 'MINIMIZE'::text]))),
	CONSTRAINT experiment_name_unique UNIQUE (name)
);

CREATE TABLE log_chunk (
	run_id uuid NOT NULL,
	attempt integer NOT NULL,
	sequence bigint NOT NULL,
	lines text[] NOT NULL,
	written_at timestamp with time zone NOT NULL DEFAULT now(),
	CONSTRAINT log_chunk_pk PRIMARY KEY (run_id, attempt, sequence),
	CONSTRAINT log_chunk_attempt_fk FOREIGN KEY (run_id, attempt) REFERENCES attempt(run_id, number)
);

CREATE TABLE metric_batch (
	experiment_id uuid NOT NULL,
	run_id uuid NOT NULL,
	attempt integer NOT NULL,
	sequence bigint NOT NULL,
	points integer NOT NULL,
	stored_at timestamp with time zone NOT NULL DEFAULT now(),
	body bytea STORAGE EXTERNAL NOT NULL,
	CONSTRAINT metric_batch_pk PRIMARY KEY (experiment_id, run_id, attempt, sequence)
) PARTITION BY LIST (experiment_id);

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
	sequences bytea STORAGE EXTERNAL,
	steps bytea STORAGE EXTERNAL NOT NULL,
	times bytea STORAGE EXTERNAL NOT NULL,
	values bytea STORAGE EXTERNAL NOT NULL,
	levels smallint[],
	level_ends integer[],
	cells bytea STORAGE EXTERNAL,
	closed boolean NOT NULL,
	CONSTRAINT metric_chunk_pk PRIMARY KEY (experiment_id, run_id, key, attempt, "position")
) PARTITION BY LIST (experiment_id);
CREATE INDEX metric_chunk_sequence_index ON ONLY public.metric_chunk USING btree (experiment_id, run_id, attempt, last_sequence);

CREATE TABLE metric_series (
	run_id uuid NOT NULL,
	attempt integer NOT NULL,
	key text NOT NULL,
	count bigint NOT NULL,
	non_finite bigint NOT NULL,
	last_step bigint NOT NULL,
	last_value double precision NOT NULL,
	min_value double precision,
	min_step bigint,
	max_value double precision,
	max_step bigint,
	first_step bigint,
	last_checkpoint_id uuid,
	min_checkpoint_id uuid,
	max_checkpoint_id uuid,
	CONSTRAINT metric_series_pk PRIMARY KEY (run_id, attempt, key),
	CONSTRAINT metric_series_attempt_fk FOREIGN KEY (run_id, attempt) REFERENCES attempt(run_id, number)
) WITH (fillfactor=70);

CREATE TABLE run (
	id uuid NOT NULL,
	experiment_id uuid NOT NULL,
	sweep_id uuid,
	backbone_id uuid,
	dataset_id uuid,
	name text NOT NULL,
	status text NOT NULL,
	strategy jsonb,
	freeze_plan jsonb,
	spec jsonb,
	config jsonb NOT NULL,
	seed integer,
	tags text[] NOT NULL DEFAULT '{}'::text[],
	priority integer NOT NULL DEFAULT 0,
	attempts integer NOT NULL DEFAULT 0,
	crashes integer NOT NULL DEFAULT 0,
	progress jsonb,
	failure jsonb,
	verification jsonb,
	queued_at timestamp with time zone NOT NULL DEFAULT now(),
	started_at timestamp with time zone,
	finished_at timestamp with time zone,
	deleted_at timestamp with time zone,
	cancel_requested_at timestamp with time zone,
	pause_requested_at timestamp with time zone,
	revision integer NOT NULL,
	changed_xid bigint NOT NULL,
	requires jsonb NOT NULL DEFAULT '{}'::jsonb,
	retry_at timestamp with time zone,
	CONSTRAINT run_pk PRIMARY KEY (id),
	CONSTRAINT run_backbone_fk FOREIGN KEY (backbone_id) REFERENCES backbone(id),
	CONSTRAINT run_dataset_fk FOREIGN KEY (dataset_id) REFERENCES dataset(id),
	CONSTRAINT run_experiment_fk FOREIGN KEY (experiment_id) REFERENCES experiment(id),
	CONSTRAINT run_finished_at_check CHECK (((finished_at IS NOT NULL) = (status = ANY (ARRAY['SUCCEEDED'::text, 'FAILED'::text, 'CANCELLED'::text, 'PRUNED'::text])))),
	CONSTRAINT run_status_check CHECK ((status = ANY (ARRAY['QUEUED'::text, 'RUNNING'::text, 'PAUSED'::text, 'SUCCEEDED'::text, 'FAILED'::text, 'CANCELLED'::text, 'PRUNED'::text]))),
	CONSTRAINT run_sweep_fk FOREIGN KEY (sweep_id) REFERENCES sweep(id)
) WITH (fillfactor=85);
CREATE INDEX run_changed_index ON public.run USING btree (changed_xid, id);
CREATE INDEX run_experiment_changed_index ON public.run USING btree (experiment_id, changed_xid, id);
CREATE INDEX run_experiment_index ON public.run USING btree (experiment_id, queued_at, id);
CREATE INDEX run_lane_index ON public.run USING btree (priority DESC, experiment_id, requires, queued_at, id) WHERE ((status = 'QUEUED'::text) AND (deleted_at IS NULL) AND (retry_at IS NULL));
CREATE INDEX run_queued_at_index ON public.run USING btree (queued_at, id);
CREATE INDEX run_retry_index ON public.run USING btree (retry_at) WHERE (retry_at IS NOT NULL);
CREATE INDEX run_sweep_index ON public.run USING btree (sweep_id) WHERE (sweep_id IS NOT NULL);
CREATE INDEX run_tags_index ON public.run USING gin (tags);
CREATE INDEX run_training_index ON public.run USING btree (experiment_id) WHERE ((status = 'RUNNING'::text) AND (spec IS NOT NULL));
CREATE INDEX run_trash_index ON public.run USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);

CREATE TABLE run_event (
	run_id uuid NOT NULL,
	position integer NOT NULL,
	attempt integer NOT NULL,
	kind text NOT NULL,
	step bigint,
	at timestamp with time zone NOT NULL DEFAULT now(),
	message text NOT NULL,
	data jsonb,
	sender_id uuid,
	CONSTRAINT run_event_pk PRIMARY KEY (run_id, "position"),
	CONSTRAINT run_event_run_fk FOREIGN KEY (run_id) REFERENCES run(id)
);
CREATE UNIQUE INDEX run_event_sender_id_unique ON public.run_event USING btree (run_id, sender_id) WHERE (sender_id IS NOT NULL);

CREATE TABLE run_metric_value (
	run_id uuid NOT NULL,
	key text NOT NULL,
	best double precision,
	last double precision,
	min double precision,
	max double precision,
	CONSTRAINT run_metric_value_pk PRIMARY KEY (run_id, key)
);
CREATE INDEX run_metric_value_best_index ON public.run_metric_value USING btree (key, best, run_id);
CREATE INDEX run_metric_value_last_index ON public.run_metric_value USING btree (key, last, run_id);
CREATE INDEX run_metric_value_max_index ON public.run_metric_value USING btree (key, max, run_id);
CREATE INDEX run_metric_value_min_index ON public.run_metric_value USING btree (key, min, run_id);

CREATE TABLE run_value (
	run_id uuid NOT NULL,
	path text NOT NULL,
	value jsonb NOT NULL,
	CONSTRAINT run_value_pk PRIMARY KEY (run_id, path)
);
CREATE INDEX run_value_order_index ON public.run_value USING btree (path, value, run_id);

CREATE TABLE sweep (
	id uuid NOT NULL,
	experiment_id uuid NOT NULL,
	name text NOT NULL,
	status text NOT NULL,
	method text NOT NULL,
	space jsonb NOT NULL,
	budget jsonb NOT NULL,
	base jsonb NOT NULL,
	seed integer NOT NULL,
	revision integer NOT NULL DEFAULT 1,
	created_at timestamp with time zone NOT NULL DEFAULT now(),
	CONSTRAINT sweep_pk PRIMARY KEY (id),
	CONSTRAINT sweep_experiment_fk FOREIGN KEY (experiment_id) REFERENCES experiment(id),
	CONSTRAINT sweep_method_check CHECK ((method = ANY (ARRAY['GRID'::text, 'RANDOM'::text]))),
	CONSTRAINT sweep_status_check CHECK ((status = ANY (ARRAY['RUNNING'::text, 'PAUSED'::text, 'STOPPED'::text, 'FINISHED'::text])))
);
CREATE INDEX sweep_experiment_index ON public.sweep USING btree (experiment_id);

CREATE TABLE worker (
	id uuid NOT NULL,
	name text NOT NULL,
	backend text NOT NULL,
	backend_reason text,
	device text,
	memory_bytes bigint,
	labels jsonb NOT NULL,
	slots integer NOT NULL,
	registered_at timestamp with time zone NOT NULL DEFAULT now(),
	last_seen_at timestamp with time zone NOT NULL DEFAULT now(),
	drain_requested_at timestamp with time zone,
	CONSTRAINT worker_pk PRIMARY KEY (id),
	CONSTRAINT worker_slots_check CHECK ((slots > 0))
) WITH (fillfactor=70);

CREATE OR REPLACE FUNCTION public.create_metric_partitions()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
	$function$;

CREATE OR REPLACE FUNCTION public.drop_metric_partitions()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
	DECLARE
		parent text;
	BEGIN
		FOREACH parent IN ARRAY ARRAY['metric_batch', 'metric_chunk'] LOOP
			EXECUTE format('DROP TABLE IF EXISTS %I', metric_partition(parent, OLD.id));
		END LOOP;
		RETURN NULL;
	END
	$function$;

CREATE OR REPLACE FUNCTION public.keep_given_values()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
	BEGIN
		DELETE FROM run_value WHERE run_id = NEW.id AND path NOT IN ('.status', '.startedAt', '.finishedAt');
		INSERT INTO run_value (run_id, path, value)
		SELECT NEW.id, given.path, given.value FROM run_given_values(NEW) AS given WHERE given.value IS NOT NULL;
		RETURN NULL;
	END
	$function$;

CREATE OR REPLACE FUNCTION public.keep_metric_values()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
	BEGIN
		DELETE FROM run_metric_value WHERE run_id = NEW.run_id;
		IF NEW.ended_at IS NOT NULL THEN
			PERFORM store_metric_values(NEW.run_id, NEW.number);
		END IF;
		RETURN NULL;
	END
	$function$;

CREATE OR REPLACE FUNCTION public.keep_stage_values()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
	BEGIN
		MERGE INTO run_value AS kept USING run_stage_values(NEW) AS given ON kept.run_id = NEW.id AND kept.path = given.path
		WHEN MATCHED AND given.value IS NULL THEN DELETE
		WHEN MATCHED AND kept.value <> given.value THEN UPDATE SET value = given.value
		WHEN NOT MATCHED AND given.value IS NOT NULL THEN INSERT VALUES (NEW.id, given.path, given.value);
		RETURN NULL;
	END
	$function$;

CREATE OR REPLACE FUNCTION public.keep_values_of_new_runs()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
	BEGIN
		INSERT INTO run_value (run_id, path, value)
		SELECT run.id, given.path, given.value FROM fresh JOIN run ON run.id = fresh.id, run_given_values(run) AS given WHERE given.value IS NOT NULL;
		INSERT INTO run_value (run_id, path, value)
		SELECT run.id, given.path, given.value FROM fresh JOIN run ON run.id = fresh.id, run_stage_values(run) AS given WHERE given.value IS NOT NULL;
		RETURN NULL;
	END
	$function$;

CREATE OR REPLACE FUNCTION public.metric_partition(parent text, experiment uuid)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
		SELECT parent || '_' || replace(experiment::text, '-', '')
	$function$;

CREATE OR REPLACE FUNCTION public.run_config_leaves(config jsonb)
 RETURNS TABLE(path text, value jsonb)
 LANGUAGE sql
 IMMUTABLE
AS $function$
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
	$function$;

CREATE OR REPLACE FUNCTION public.run_given_values(run run)
 RETURNS TABLE(path text, value jsonb)
 LANGUAGE sql
AS $function$
		SELECT leaf.path, leaf.value FROM run_config_leaves(run.config) AS leaf
		UNION ALL VALUES ('.name', to_jsonb(left(run.name, 200))), ('.seed', to_jsonb(run.seed)),
			('.strategy', to_jsonb(run.strategy ->> 'kind')), ('.backboneId', to_jsonb(run.backbone_id)),
			('.datasetId', to_jsonb(run.dataset_id)),
			('.tag.first', (SELECT to_jsonb(min(left(tag, 200))) FROM unnest(run.tags) AS tag)),
			('.tag.last', (SELECT to_jsonb(max(left(tag, 200))) FROM unnest(run.tags) AS tag))
		UNION ALL SELECT DISTINCT '.tag=' || tag, 'true'::jsonb FROM unnest(run.tags) AS tag WHERE octet_length(tag) <= 500
	$function$;

CREATE OR REPLACE FUNCTION public.run_stage_values(run run)
 RETURNS TABLE(path text, value jsonb)
 LANGUAGE sql
AS $function$
		VALUES ('.status', to_jsonb(run.status)),
			('.startedAt', to_jsonb((extract(epoch FROM run.started_at) * 1000000)::bigint)),
			('.finishedAt', to_jsonb((extract(epoch FROM run.finished_at) * 1000000)::bigint))
	$function$;

CREATE OR REPLACE FUNCTION public.stamp_run()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
	BEGIN
		NEW.revision := CASE WHEN TG_OP = 'INSERT' THEN 1 ELSE OLD.revision + 1 END;
		NEW.changed_xid := pg_current_xact_id()::text::bigint;
		RETURN NEW;
	END
	$function$;

CREATE OR REPLACE FUNCTION public.store_metric_values(run uuid, attempt integer)
 RETURNS void
 LANGUAGE sql
AS $function$
		INSERT INTO run_metric_value (run_id, key, best, last, min, max)
		SELECT series.run_id, series.key,
			CASE WHEN CASE WHEN experiment.metric = series.key THEN experiment.direction = 'MINIMIZE'
				ELSE series.key ~* 'loss|error|(^|_)(mae|mse|rmse|perplexity)$' END
				THEN series.min_value ELSE series.max_value END,
			series.last_value, series.min_value, series.max_value
		FROM metric_series AS series
			JOIN run ON run.id = series.run_id JOIN experiment ON experiment.id = run.experiment_id
		WHERE series.run_id = $1 AND series.attempt = $2
	$function$;

CREATE TRIGGER attempt_metric_values AFTER INSERT ON public.attempt FOR EACH ROW EXECUTE FUNCTION keep_metric_values();

CREATE TRIGGER attempt_metric_values_end AFTER UPDATE OF ended_at ON public.attempt FOR EACH ROW WHEN ((old.ended_at IS DISTINCT FROM new.ended_at)) EXECUTE FUNCTION keep_metric_values();

CREATE TRIGGER experiment_partitions AFTER INSERT ON public.experiment FOR EACH ROW EXECUTE FUNCTION create_metric_partitions();

CREATE TRIGGER experiment_partitions_drop AFTER DELETE ON public.experiment FOR EACH ROW EXECUTE FUNCTION drop_metric_partitions();

CREATE TRIGGER run_given_values_change AFTER UPDATE OF config, tags, name, seed, strategy, backbone_id, dataset_id ON public.run FOR EACH ROW WHEN ((((((((old.config IS DISTINCT FROM new.config) OR (old.tags IS DISTINCT FROM new.tags)) OR (old.name IS DISTINCT FROM new.name)) OR (old.seed IS DISTINCT FROM new.seed)) OR (old.strategy IS DISTINCT FROM new.strategy)) OR (old.backbone_id IS DISTINCT FROM new.backbone_id)) OR (old.dataset_id IS DISTINCT FROM new.dataset_id))) EXECUTE FUNCTION keep_given_values();

CREATE TRIGGER run_stage_values_change AFTER UPDATE OF status, started_at, finished_at ON public.run FOR EACH ROW WHEN ((((old.status IS DISTINCT FROM new.status) OR (old.started_at IS DISTINCT FROM new.started_at)) OR (old.finished_at IS DISTINCT FROM new.finished_at))) EXECUTE FUNCTION keep_stage_values();

CREATE TRIGGER run_stamp BEFORE INSERT OR UPDATE ON public.run FOR EACH ROW EXECUTE FUNCTION stamp_run();

CREATE TRIGGER run_values AFTER INSERT ON public.run REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION keep_values_of_new_runs();
