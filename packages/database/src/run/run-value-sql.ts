import type { RunFilterField } from '@graft/domain/run-filter';
import type { SqlParams } from './sql-params.js';

/** What a list is ordered and narrowed by: a value of `run_value` under its path, or a summary of `run_metric_value`. */
export type ValueField =
	| { readonly kind: 'value'; readonly path: string }
	| Extract<RunFilterField, { kind: 'metric' }>;

/**
 * The kept value of a field, as an order in this direction takes it; null for the one column with an index of its own. A run with
 * several tags is at the place of the first of them where the order rises, and of the last where it falls.
 */
export function keptField(field: RunFilterField, direction: 'ASC' | 'DESC'): ValueField | null {
	switch (field.kind) {
		case 'metric':
			return field;
		case 'config':
			return { kind: 'value', path: field.path.join('.') };
		case 'tag':
			return { kind: 'value', path: direction === 'ASC' ? '.tag.first' : '.tag.last' };
		case 'column':
			return field.name === 'queuedAt' ? null : { kind: 'value', path: `.${field.name}` };
	}
}

/** `value` of each run that has one for the field, and its `run_id`: a FROM with the WHERE that goes with it. */
export interface RunValues {
	readonly from: string;
	readonly where: string;
	readonly value: string;
	readonly type: 'jsonb' | 'double precision';
}

/** One index answers it in the order of value and run. Of a metric: the runs that no attempt holds now. */
export function runValues(field: ValueField, params: SqlParams): RunValues {
	if (field.kind === 'value') {
		const path = params.add(field.path, 'text');
		return { from: 'run_value AS kept', where: `kept.path = ${path}`, value: 'kept.value', type: 'jsonb' };
	}
	const [key, value] = [params.add(field.key, 'text'), `kept.${field.at}`];
	const where = `kept.key = ${key} AND ${value} IS NOT NULL`;
	return { from: 'run_metric_value AS kept', where, value, type: 'double precision' };
}
