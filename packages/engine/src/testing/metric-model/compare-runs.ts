import type { Run, RunStatus } from '@graft/domain/run';
import { expect } from 'vitest';
import type { CountablePage, ListRuns, RunFilter } from '../../contract/inputs.js';
import { ok } from '../create-test-engine.js';
import { TAGS } from './commands.js';
import type { Observed } from './scenario.js';

type Direction = 'ASC' | 'DESC';
const POINTS = { last: 'last', min: 'min', max: 'max', best: 'max' } as const;
/** As PostgreSQL sorts: NaN is above every number. */
const rank = (value: number) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value);
const statusOf = ({ record }: Observed): RunStatus => record.outcome ?? 'RUNNING';

/** The runs table: filters by config, tag, status and metric, alone and together, orders by a metric, and the counts. */
export async function compareRuns(experimentId: string, scenarios: readonly Observed[]): Promise<void> {
	const { engine } = scenarios[0] as Observed;
	const list = async (filter: RunFilter, by = 'queuedAt', direction: Direction = 'ASC') => {
		const ids: string[] = [];
		for (let after: string | null = null; ; ) {
			const query: ListRuns = { first: 3, after, filter: { experimentId, ...filter }, orderBy: [{ by, direction }] };
			const page: CountablePage<Run> = ok(await engine.runs(query));
			ids.push(...page.items.map(({ node }) => node.id));
			if (!page.hasNextPage) {
				expect(await page.countTotal()).toEqual({ count: ids.length, isLeast: false });
				return ids;
			}
			after = page.endCursor;
		}
	};
	const passing = (passes: (scenario: Observed) => boolean) =>
		scenarios
			.filter(passes)
			.map(({ runId }) => runId)
			.sort();
	const expectPassing = async (filter: RunFilter, passes: (scenario: Observed) => boolean) =>
		expect((await list(filter)).sort()).toEqual(passing(passes));

	const isSmall = ({ run }: Observed) => run.config.batchSize === 16;
	await expectPassing({ where: 'config.batchSize < 32' }, isSmall);
	await expectPassing({ strategy: ['FROM_SCRATCH'] }, ({ run }) => run.strategy?.kind === 'FROM_SCRATCH');
	for (const status of ['RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const)
		await expectPassing({ status: [status] }, (scenario) => statusOf(scenario) === status);
	for (const tag of TAGS) {
		await expectPassing({ tags: [tag] }, ({ record }) => record.tags.has(tag));
		const both = (scenario: Observed) => scenario.record.tags.has(tag) && !isSmall(scenario);
		await expectPassing({ tags: [tag], where: 'config.batchSize >= 32' }, both);
	}
	for (const [at, of] of Object.entries(POINTS)) {
		const pointOf = ({ record }: Observed) => record.summary('test_accuracy')[of]?.value ?? null;
		const by = `metric.test_accuracy.${at}`;
		for (const direction of ['ASC', 'DESC'] as const) {
			const ids = await list({}, by, direction);
			const values = ids.map((id) => pointOf(scenarios.find(({ runId }) => runId === id) as Observed));
			const there = values.filter((value) => value !== null).map(rank);
			expect(there).toEqual([...there].sort((a, b) => (direction === 'ASC' ? a - b || 0 : b - a || 0)));
			expect([ids.length, values.slice(0, there.length).includes(null)]).toEqual([scenarios.length, false]);
		}
		const pivot = pointOf(scenarios[0] as Observed) ?? 0;
		if (!Number.isFinite(pivot)) continue;
		const isAbove = (scenario: Observed) => {
			const value = pointOf(scenario);
			return value !== null && rank(value) >= pivot;
		};
		await expectPassing({ where: `${by} >= ${pivot}` }, isAbove);
		const isSmallAndAbove = (scenario: Observed) => isAbove(scenario) && isSmall(scenario);
		await expectPassing({ where: `config.batchSize = 16 and ${by} >= ${pivot}` }, isSmallAndAbove);
	}
	const counts = (await engine.statusCountsByExperiments([experimentId])).get(experimentId) ?? [];
	const statuses = [...new Set(scenarios.map(statusOf))];
	expect(new Map(counts.map(({ status, count }) => [status, count]))).toEqual(
		new Map(statuses.map((status) => [status, scenarios.filter((one) => statusOf(one) === status).length])),
	);
}
