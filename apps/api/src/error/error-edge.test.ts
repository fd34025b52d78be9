import { GraftError, type GraftErrorCode } from '@graft/domain/error';
import { createLogger } from '@graft/runtime/logger';
import { GraphQLError } from 'graphql';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type LocalApi, startLocalApi } from '../testing/local-api.js';
import { badUserInput } from './bad-user-input.js';
import { formatError, isPassing } from './error-edge.js';

const logger = createLogger('api-test', 'silent');

describe('formatError', () => {
	const shown: readonly [GraftErrorCode, string][] = [
		['UNAVAILABLE', 'UNAVAILABLE'],
		['SHUTDOWN', 'UNAVAILABLE'],
		['DATA', 'BAD_USER_INPUT'],
		['LEASE_LOST', 'CONFLICT'],
		['CANCELLED', 'CONFLICT'],
	];
	it.each(shown)('shows %s as %s', (code, expected) => {
		const formatted = formatError(new GraftError(code, 'what happened'), logger);
		expect(formatted).toMatchObject({ message: 'what happened', extensions: { code: expected } });
	});

	it('knows a lost database connection, however the driver wraps it', () => {
		const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.5:5432'), { code: 'ECONNREFUSED' });
		for (const error of [refused, new Error('query failed', { cause: refused })]) {
			expect(formatError(error, logger)).toMatchObject({
				message: 'The server cannot reach its database. Try again in a moment.',
				extensions: { code: 'UNAVAILABLE' },
			});
			expect(isPassing(error)).toBe(true);
		}
		expect(isPassing(new Error('bug'))).toBe(false);
	});

	const masked: readonly unknown[] = [
		...(['CONFIGURATION', 'DIVERGED', 'OUT_OF_MEMORY', 'PLAN_VIOLATED', 'BUG'] as const).map(
			(code) => new GraftError(code, 'secret'),
		),
		new TypeError('secret'),
		'secret',
		new GraphQLError('secret', { originalError: new Error('secret') }),
	];
	it.each(masked)('masks %s with an id that is in the log', (error) => {
		const told = vi.spyOn(logger, 'error');
		const formatted = formatError(error, logger);
		const errorId = formatted.extensions?.errorId;
		expect(formatted.extensions?.code).toBe('INTERNAL_SERVER_ERROR');
		expect(formatted.message).toContain(String(errorId));
		expect(JSON.stringify(formatted)).not.toContain('secret');
		expect(told).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ errorId }), expect.any(String));
		told.mockRestore();
	});

	it('keeps what the caller did wrong as it is', () => {
		const mistake = badUserInput('strategies[2].rank', 'rank is 0', { limit: 4 });
		const located = new GraphQLError('rank is 0', { originalError: mistake, path: ['runs'] });
		expect(formatError(mistake, logger).extensions).toEqual({
			code: 'BAD_USER_INPUT',
			field: 'strategies[2].rank',
			limit: 4,
		});
		expect(formatError(located, logger)).toMatchObject({ path: ['runs'], extensions: { code: 'BAD_USER_INPUT' } });
	});
});

describe('over HTTP', () => {
	let api: LocalApi;
	afterEach(() => api.close());

	it('a refusal of a query is BAD_USER_INPUT with its field, a page out of range too', async () => {
		api = await startLocalApi({
			metricSeries: async () => ({ kind: 'InvalidInput', code: 'INVALID_INPUT', field: 'buckets', message: 'too few' }),
			runs: async () => ({ kind: 'InvalidInput', code: 'FILTER', field: 'filter.where', message: 'no such field' }),
		});
		const series = await api.graphql('{ metricSeries(runIds: ["a"], keys: ["b"], buckets: 0) { key } }');
		expect(series.errors?.[0]).toMatchObject({
			message: 'too few',
			extensions: { code: 'BAD_USER_INPUT', field: 'buckets' },
		});
		const runs = await api.graphql('{ runs(filter: {where: "?"}) { totalCount } }');
		expect(runs.errors?.[0]?.extensions).toMatchObject({ field: 'filter.where', reason: 'FILTER' });
		const page = await api.graphql('{ runs(first: -1) { totalCount } }');
		expect(page.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field: 'first' } });
	});

	it('a refusal of a mutation is a member of its union, found by kind', async () => {
		api = await startLocalApi({
			createExperiment: async ({ name }) => ({ kind: 'Conflict', code: 'CONFLICT', message: `${name} exists` }),
		});
		const { data } = await api.graphql(
			`mutation { createExperiment(input: {name: "a", metric: "m"}) { __typename ... on UserError { code message } } }`,
		);
		expect(data.createExperiment).toEqual({ __typename: 'Conflict', code: 'CONFLICT', message: 'a exists' });
	});

	it('a wrong variable says which, an unknown error says nothing', async () => {
		api = await startLocalApi({
			run: async () => {
				throw new Error('secret');
			},
		});
		const query = 'mutation ($input: LogMetricsInput!) { logMetrics(input: $input) { __typename } }';
		const input = { lease: { runId: 'r', token: 't' }, sequence: 1, series: [{ key: 'k', steps: [0.5], values: [1] }] };
		const wrong = await api.graphql(query, { input });
		expect(wrong.errors?.[0]?.message).toMatch(/input\.series\[0\]\.steps.*IntList: item 0 is 0\.5/);
		expect(wrong.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
		const unknown = await api.graphql('{ run(id: "x") { id } }');
		expect(unknown.errors?.[0]?.extensions).toMatchObject({ code: 'INTERNAL_SERVER_ERROR' });
		expect(JSON.stringify(unknown)).not.toContain('secret');
	});
});
