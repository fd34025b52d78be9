import type { Run } from '@graft/domain/run';
import type { RunEntity } from './run.entity.js';

/** The columns of `run` under the names of RunEntity; for a FROM that calls the table `run`. */
export const RUN_COLUMNS = [
	...['id', 'name', 'status', 'strategy', 'spec', 'config', 'seed', 'tags', 'priority', 'requires', 'attempts'],
	...['crashes', 'progress', 'failure', 'verification', 'revision'],
	...[
		'experiment_id',
		'sweep_id',
		'backbone_id',
		'dataset_id',
		'freeze_plan',
		'queued_at',
		'started_at',
		'finished_at',
	],
	...['deleted_at', 'cancel_requested_at', 'pause_requested_at', 'retry_at', 'changed_xid'],
]
	.map((column) => `run.${column} AS "${column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())}"`)
	.join(', ');

/** A row as the rest of Graft sees it. */
export function toRun(row: RunEntity): Run {
	const { strategy, freezePlan, spec, seed } = row;
	return {
		id: row.id,
		name: row.name,
		status: row.status,
		experimentId: row.experimentId,
		backboneId: row.backboneId,
		datasetId: row.datasetId,
		sweepId: row.sweepId,
		strategy,
		freezePlan,
		// The three have columns of their own and are not stored twice.
		spec:
			spec === null || strategy === null || freezePlan === null || seed === null
				? null
				: { ...spec, strategy, plan: freezePlan, seed },
		config: row.config,
		seed,
		tags: row.tags,
		priority: row.priority,
		requires: row.requires,
		progress: row.progress,
		failure: row.failure,
		verification: row.verification,
		queuedAt: row.queuedAt,
		startedAt: row.startedAt,
		finishedAt: row.finishedAt,
		deletedAt: row.deletedAt,
		cancelRequestedAt: row.cancelRequestedAt,
		pauseRequestedAt: row.pauseRequestedAt,
		retryAt: row.retryAt,
		revision: row.revision,
	};
}
