import type { JsonObject } from '@graft/domain/json';
import type { Run } from '@graft/domain/run';
import type { Session, Statement } from '../connection/index.js';
import type { RunEntity } from './run.entity.js';
import { RUN_COLUMNS, toRun } from './run-row.js';

export type NewRun = Pick<
	Run,
	| 'id'
	| 'name'
	| 'status'
	| 'experimentId'
	| 'sweepId'
	| 'backboneId'
	| 'datasetId'
	| 'strategy'
	| 'freezePlan'
	| 'spec'
	| 'seed'
	| 'tags'
	| 'priority'
	| 'requires'
> & { readonly config: JsonObject };

/**
 * One JSON document instead of one parameter a column: a launch of 10,000 runs would need more than the 65,535 parameters
 * that the protocol allows. `at` counts the rows, so that runs of one launch keep their order in the queue.
 */
const insert: Statement = {
	name: 'insert-runs',
	text: `
		INSERT INTO run (id, experiment_id, sweep_id, backbone_id, dataset_id, name, status, strategy, freeze_plan, spec,
			config, seed, tags, priority, requires, queued_at)
		SELECT id, "experimentId", "sweepId", "backboneId", "datasetId", name, status, strategy, "freezePlan", spec,
			config, seed, tags, priority, requires, now() + at * interval '1 microsecond'
		FROM jsonb_to_recordset($1::jsonb) AS given (id uuid, "experimentId" uuid, "sweepId" uuid, "backboneId" uuid,
			"datasetId" uuid, name text, status text, strategy jsonb, "freezePlan" jsonb, spec jsonb, config jsonb,
			seed integer, tags text[], priority integer,
			requires jsonb, at integer)
		RETURNING ${RUN_COLUMNS}`,
};

/** Documents of some megabytes at the most. */
const RUNS_PER_STATEMENT = 500;

export async function insertRuns(session: Session, runs: readonly NewRun[]): Promise<Run[]> {
	const stored: Run[] = [];
	for (let from = 0; from < runs.length; from += RUNS_PER_STATEMENT) {
		const part = runs.slice(from, from + RUNS_PER_STATEMENT).map((run, index) => ({
			...run,
			spec: run.spec === null ? null : withoutColumns(run.spec),
			at: from + index,
		}));
		const rows = await session.query<RunEntity>(insert, [JSON.stringify(part)]);
		const byId = new Map(rows.map((row) => [row.id, toRun(row)]));
		for (const { id } of part) {
			const run = byId.get(id);
			if (run !== undefined) stored.push(run);
		}
	}
	return stored;
}

function withoutColumns({ strategy: _strategy, plan: _plan, seed: _seed, ...rest }: NonNullable<Run['spec']>) {
	return rest;
}
