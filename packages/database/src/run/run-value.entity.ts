import type { Json } from '@graft/domain/json';
import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/**
 * What a list is ordered and narrowed by: a text, number or truth value of a run's config under its path with dots, and what else is
 * known of the run under names with a dot before them: `.name`, `.seed`, `.status`, `.startedAt`, `.finishedAt` (in microseconds),
 * `.strategy`, `.backboneId`, `.datasetId`, the first and the last of its tags (`.tag.first`, `.tag.last`), and `.tag=keep` for the
 * tag keep. Texts are cut to 200 characters. Objects, lists, null, and names that hold a dot have no row. Kept by triggers on `run`.
 */
@Entity('run_value')
@Index('run_value_order_index', ['path', 'value', 'runId'])
export class RunValueEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'run_value_pk' })
	runId: string;
	@PrimaryColumn('text', { primaryKeyConstraintName: 'run_value_pk' })
	path: string;
	@Column('jsonb')
	value: Json;
}

/**
 * A metric's summary once the latest attempt has ended; kept by triggers on `attempt`. While an attempt lasts its run has
 * no row here: each batch would move five index entries.
 */
@Entity('run_metric_value')
@Index('run_metric_value_best_index', ['key', 'best', 'runId'])
@Index('run_metric_value_last_index', ['key', 'last', 'runId'])
@Index('run_metric_value_min_index', ['key', 'min', 'runId'])
@Index('run_metric_value_max_index', ['key', 'max', 'runId'])
export class RunMetricValueEntity {
	@PrimaryColumn('uuid', { primaryKeyConstraintName: 'run_metric_value_pk' })
	runId: string;
	@PrimaryColumn('text', { primaryKeyConstraintName: 'run_metric_value_pk' })
	key: string;
	@Column('double precision', { nullable: true })
	best: number | null;
	@Column('double precision', { nullable: true })
	last: number | null;
	@Column('double precision', { nullable: true })
	min: number | null;
	@Column('double precision', { nullable: true })
	max: number | null;
}
