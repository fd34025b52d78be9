import type { RunFilterField } from '@graft/domain/run-filter';
import type { SqlParams } from './sql-params.js';

/** What a list is ordered and narrowed by: a value of `run_value` under its path, a summary of `run_metric_value`, or a run's age. */
export type ValueField =
	| { readonly kind: 'value'; readonly path: string }
	| { readonly kind: 'queuedAt' }
	| Extract<RunFilterField, { kind: 'metric' }>;

/**
 * The kept value of a field, as an order in this direction takes it. A run with several tags is at the place of the first of them
 * where the order rises, and of the last where it falls.
 */
export function keptField(field: RunFilterField, direction: 'ASC' | 'DESC'): ValueField {
	switch (field.kind) {
		case 'metric':
			return field;
		case 'config':
			return { kind: 'value', path: field.path.join('.') };
		case 'tag':
			return { kind: 'value', path: direction === 'ASC' ? '.tag.first' : '.tag.last' };
		case 'column':
			return field.name === 'queuedAt' ? { kind: 'queuedAt' } : { kind: 'value', path: `.${field.name}` };
	}
}

/** Whether every run has a value for it. */
export const isAlwaysThere = (field: ValueField): boolean =>
	field.kind === 'queuedAt' || (field.kind === 'value' && (field.path === '.name' || field.path === '.status'));

/** `value` of each run that has one for the field, and the run's `id`: a FROM with the conditions that go with it. */
export interface RunValues {
	readonly from: string;
	readonly where: readonly string[];
	readonly id: string;
	readonly value: string;
	readonly type: 'jsonb' | 'double precision' | 'timestamptz';
	readonly isInstant: boolean;
}

/** One index answers it in the order of value and run. Of a metric: the runs that no attempt holds now. */
export function runValues(field: ValueField, params: SqlParams): RunValues {
	const kept = { id: 'kept.run_id', isInstant: false } as const;
	switch (field.kind) {
		case 'queuedAt':
			return { from: 'run', where: [], id: 'run.id', value: 'run.queued_at', type: 'timestamptz', isInstant: true };
		case 'value': {
			const where = [`kept.path = ${params.add(field.path, 'text')}`];
			const isInstant = field.path === '.startedAt' || field.path === '.finishedAt';
			return { ...kept, from: 'run_value AS kept', where, value: 'kept.value', type: 'jsonb', isInstant };
		}
		case 'metric': {
			const value = `kept.${field.at}`;
			const where = [`kept.key = ${params.add(field.key, 'text')}`, `${value} IS NOT NULL`];
			return { ...kept, from: 'run_metric_value AS kept', where, value, type: 'double precision' };
		}
	}
}
