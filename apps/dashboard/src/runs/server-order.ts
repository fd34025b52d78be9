import type { RunOrder } from '../gql/graphql';
import { parseSort, type SortKey } from './sort-runs';

/** What the API orders by for a column of the table; the others it cannot order by. */
const FIELDS: Partial<Record<SortKey, string>> = {
	status: 'status',
	name: 'name',
	seed: 'seed',
	queued: 'queuedAt',
};

/** The columns whose heads sort a list that the API pages. */
export const SERVER_SORT_KEYS: readonly SortKey[] = ['status', 'name', 'seed', 'result', 'queued'];

/** The order that `sort` in the URL stands for: a column, `config.<path>` or `metric.<key>.<point>`, `-` for falling. */
export function serverOrder(sort: string, metric: string): RunOrder {
	const direction = sort.startsWith('-') ? 'DESC' : 'ASC';
	const name = sort.replace(/^-/, '');
	if (/^(config|metric)\./.test(name)) return { by: name, direction };
	const { key, descending } = parseSort(sort);
	if (key === 'result') return { by: `metric.${metric}.best`, direction };
	const by = FIELDS[key];
	return by === undefined ? { by: 'queuedAt', direction: 'DESC' } : { by, direction: descending ? 'DESC' : 'ASC' };
}

/** Paths of the texts, numbers and truth values of configs: what runs can be ordered by beside the columns. */
export function configPaths(configs: readonly unknown[]): string[] {
	const paths = new Set<string>();
	const walk = (value: unknown, path: string) => {
		if (['string', 'number', 'boolean'].includes(typeof value)) paths.add(path);
		else if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
			for (const [name, child] of Object.entries(value)) {
				if (name !== '' && !name.includes('.')) walk(child, `${path}.${name}`);
			}
		}
	};
	for (const config of configs) if (typeof config === 'object') walk(config, 'config');
	return [...paths].sort();
}
