import { readFileSync } from 'node:fs';
import { getIntrospectionQuery, parse } from 'graphql';
import { describe, expect, it } from 'vitest';
import { buildGraftSchema } from './build-schema.js';
import { refuseCostly } from './query-cost.js';

const schema = buildGraftSchema();
const reasonOf = (query: string, variables = {}, limits?: { depth: number; cost: number }) =>
	refuseCostly(schema, parse(query), null, variables, limits)?.extensions.reason ?? null;

describe('refuseCostly', () => {
	it('counts what the answer holds: pages by `first`, other lists as ten', () => {
		// 1 experiments + 3 x (1 nodes + 1 name + 1 runs + 2 x (1 nodes + 1 id + 1 attempts + 10 x 1 number))
		const query = '{ experiments(first: 3) { nodes { name runs(first: 2) { nodes { id attempts { number } } } } } }';
		expect(reasonOf(query, {}, { depth: 9, cost: 88 })).toBeNull();
		expect(reasonOf(query, {}, { depth: 9, cost: 87 })).toBe('QUERY_COST');
	});

	it('refuses pages of pages of pages, also by variables, defaults and fragments', () => {
		const page = (first: string) =>
			`query ($n: Int) { experiments(first: ${first}) { nodes { runs(first: ${first}) { nodes { events(first: ${first}) { kind message at } } } } } }`;
		expect(reasonOf(page('1000'))).toBe('QUERY_COST');
		expect(reasonOf(page('$n'), { n: 1000 })).toBe('QUERY_COST');
		expect(reasonOf(page('$n'), { n: 10 })).toBeNull();
		const spread = `{ experiments { nodes { ...E } } } fragment E on Experiment { runs { nodes { ...R } } }
			fragment R on Run { sweep { trials { nodes { events { kind } } } } }`;
		expect(reasonOf(spread)).toBe('QUERY_COST');
	});

	it('refuses a nest, and a hundred aliases of a long list', () => {
		const nest = `{ run(id: 1) ${'{ sweep { best '.repeat(8)} { id } ${'} }'.repeat(8)} }`;
		expect(reasonOf(nest)).toBe('QUERY_DEPTH');
		const aliases = Array.from({ length: 100 }, (_, i) => `a${i}: logLines(first: 1000) { line cursor }`);
		expect(reasonOf(`{ runs(first: 10) { nodes { ${aliases.join(' ')} } } }`)).toBe('QUERY_COST');
	});

	it('lets introspection and every operation of the client pass', () => {
		expect(reasonOf(getIntrospectionQuery())).toBeNull();
		const folder = new URL('../../../../packages/client/src/operations/', import.meta.url);
		const read = (name: string) => readFileSync(new URL(`${name}.graphql`, folder), 'utf8');
		const document = parse(['fragments', 'launch', 'read', 'worker'].map(read).join('\n'));
		const operations = document.definitions.filter(({ kind }) => kind === 'OperationDefinition');
		expect(operations.length).toBeGreaterThan(10);
		for (const operation of operations) {
			const name = 'name' in operation ? operation.name?.value : null;
			expect(refuseCostly(schema, document, name, { first: 200 })).toBeNull();
		}
	});
});
