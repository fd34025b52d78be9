import type { RunListPart } from './list-runs.sql.js';
import { behindSql, type SqlKey, sqlKey } from './order-sql.js';
import { runValues } from './run-value-sql.js';
import type { SqlParams } from './sql-params.js';

/** Where the runs of a part come from: a FROM that has `run`, what they are ordered by there, and what has to hold besides. */
export interface RunSource {
	readonly from: string;
	readonly id: string;
	readonly keys: readonly SqlKey[];
	readonly where: readonly string[];
}

/** A look-up for each row, whatever the planner believes of their number: the LIMIT keeps it from another join. */
const lookUp = (id: string) => `CROSS JOIN LATERAL (SELECT * FROM run WHERE run.id = ${id} LIMIT 1) AS run`;

/** Whether an index has the part's whole order, so that what lies behind a cut comes behind all that lies before it. */
export const isWalk = ({ valued, orderBy }: RunListPart): boolean =>
	orderBy.length === (valued?.is === 'missing' ? 0 : 1);

/** The next `budget` runs in the order of an index. `steps` is a SELECT of them. */
export function walked(part: RunListPart, budget: number, params: SqlParams): RunSource & { readonly steps: string } {
	const { idDirection } = part;
	const { from, id, keys, where } = inOrder(part, params);
	const [key] = keys;
	const conditions = where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`;
	const order = [...(key === undefined ? [] : [`${key.text} ${key.direction}`]), `${id} ${idDirection}`].join(', ');
	const steps = `SELECT ${id} AS id${key === undefined ? '' : `, ${key.text} AS value`} FROM ${from} ${conditions}
		ORDER BY ${order} LIMIT ${params.add(budget, 'integer')}`;
	return {
		steps,
		from: `(${steps}) AS step ${lookUp('step.id')}`,
		id: 'step.id',
		keys: key === undefined ? [] : [{ ...key, text: 'step.value' }],
		where: isMissing(part, params),
	};
}

/** All of the part, in the order of its first field where an index has it. */
export function scanned(part: RunListPart, params: SqlParams): RunSource {
	const source = inOrder(part, params);
	const where = [...source.where, ...isMissing(part, params)];
	const from = source.id === 'run.id' ? source.from : `${source.from} JOIN run ON run.id = ${source.id}`;
	return { ...source, from, where };
}

/** The part's runs among those of `candidates`, a SELECT of `run_id`. */
export function among(part: RunListPart, candidates: string, params: SqlParams): RunSource {
	const { valued, orderBy, idDirection, after } = part;
	const keys = orderBy.map((order) => sqlKey(order, params));
	const there = valued?.is === 'there' ? [`${keys[0]?.text} IS NOT NULL`] : [];
	const lead = keys.map((key, at) => (at === 0 && valued?.is === 'there' ? { ...key, nullable: false } : key));
	const behind = after === null ? [] : [behindSql(lead, 'run.id', idDirection, after, params)];
	return {
		from: `(${candidates}) AS candidate ${lookUp('candidate.run_id')}`,
		id: 'run.id',
		keys: lead,
		where: [...there, ...isMissing(part, params), ...behind],
	};
}

/** Without a join to `run` where the index of a value has the order; what lies before the cursor is left out. */
function inOrder(part: RunListPart, params: SqlParams): RunSource {
	const { valued, orderBy, idDirection, after, filter } = part;
	const kept = valued?.is === 'there' ? runValues(valued.field, params) : null;
	const id = kept === null ? 'run.id' : 'kept.run_id';
	const keys = orderBy.map((order, at): SqlKey => {
		if (at > 0 || kept === null) return sqlKey(order, params);
		return { text: kept.value, type: kept.type, direction: order.direction, nullable: false };
	});
	const where = kept === null ? [] : [kept.where];
	if (valued === null && filter.experimentId !== null)
		where.push(`run.experiment_id = ${params.add(filter.experimentId, 'uuid')}`);
	if (after !== null) where.push(behindSql(keys, id, idDirection, after, params));
	return { from: kept?.from ?? 'run', id, keys, where };
}

function isMissing({ valued }: RunListPart, params: SqlParams): string[] {
	if (valued?.is !== 'missing') return [];
	const { field } = valued;
	if (field.kind === 'metric') return [`${sqlKey({ field, direction: 'ASC' }, params).text} IS NULL`];
	return [
		`NOT EXISTS (SELECT FROM run_value AS lacking WHERE lacking.run_id = run.id AND lacking.path = ${params.add(field.path, 'text')})`,
	];
}
