import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DurableServer, startDurableServer } from '@graft/testing/server';
import { type BenchApi, startApi } from './api.js';
import { atMost, type Benchmark, type Figure, quantile, reported } from './figure.js';
import { createExperiment } from './runs-to-log.js';

const FEW = 10_000;
const MANY = 1_000_000;
const PART = 100_000;
const PAGES = 40;
/** How many times the milliseconds of FEW runs MANY may take. */
const FLAT = 2;

const PAGE = `query ($after: String, $filter: RunFilter, $orderBy: [RunOrder!]) {
	runs(first: 50, after: $after, filter: $filter, orderBy: $orderBy) { nodes { id name status config tags queuedAt } pageInfo { endCursor hasNextPage } } }`;
const COUNT = 'query ($filter: RunFilter) { runs(first: 0, filter: $filter) { totalCount } }';

interface List {
	readonly name: string;
	readonly by: string;
	readonly where: string | null;
}
const LISTS: readonly List[] = [
	{ name: 'newest first', by: 'queuedAt', where: null },
	{ name: 'by a config key', by: 'config.lr', where: null },
	{ name: 'by a config key of 5 values', by: 'config.batchSize', where: null },
	{ name: 'by a metric', by: 'metric.accuracy.best', where: null },
	{
		name: 'by a metric, a config value and a tag wanted',
		by: 'metric.accuracy.best',
		where: 'config.batchSize = 32 and tag = "keep"',
	},
	{ name: 'newest first, a metric wanted', by: 'queuedAt', where: 'metric.accuracy.best > 0.5' },
	{ name: 'newest first, a thousandth wanted', by: 'queuedAt', where: 'config.lr < 0.001' },
];

/** The same pages of a table of 10,000 and of a million runs, each in a database of its own. */
export const runs: Benchmark = {
	name: 'runs',
	about: 'pages of 50 of the runs table at 10,000 and at 1,000,000 runs: first, deep, by config, by metric, filtered',
	async run(log) {
		const few = await measure(FEW, log);
		const many = await measure(MANY, log);
		const figures: Figure[] = [];
		for (const [name, ms] of many) {
			const before = few.get(name) ?? Number.NaN;
			figures.push(reported(`${name}, ${FEW} runs, p95`, before, 'ms'));
			figures.push(reported(`${name}, ${MANY} runs, p95`, ms, 'ms'));
			figures.push(atMost(`${name}, how much more`, ms / before, 'x', FLAT));
		}
		return figures;
	},
};

async function measure(count: number, log: (line: string) => void): Promise<ReadonlyMap<string, number>> {
	const dataDir = mkdtempSync(path.join(os.tmpdir(), 'graft-bench-runs-'));
	const server = await startDurableServer(dataDir);
	const api = await startApi(server.url, dataDir);
	try {
		const began = performance.now();
		await seed(server, await createExperiment(api, 'runs'), count);
		log(`${count} runs in ${Math.round((performance.now() - began) / 1000)} s`);
		const p95 = new Map<string, number>();
		for (const list of LISTS) {
			const first: number[] = [];
			for (let time = 0; time < PAGES; time++) first.push((await readPage(api, list, null)).ms);
			p95.set(`${list.name}, first page`, quantile(first.slice(2), 0.95));
			const deep = await readDeep(server, api, list);
			p95.set(`${list.name}, deep`, quantile(deep, 0.95));
			log(`${list.name}: first ${first.at(-1)?.toFixed(1)} ms, deep ${deep.at(-1)?.toFixed(1)} ms`);
		}
		const counted: number[] = [];
		for (let time = 0; time < PAGES; time++)
			counted.push((await timed(api, COUNT, { filter: { where: 'metric.accuracy.best > 0.5' } })).ms);
		p95.set('count up to 10,000, a metric wanted', quantile(counted, 0.95));
		return p95;
	} finally {
		await api.stop();
		await server.stop();
		rmSync(dataDir, { recursive: true, force: true });
	}
}

/** PAGES pages on from the middle of the list, whose cursor is made as the API makes it. */
async function readDeep(server: DurableServer, api: BenchApi, list: List): Promise<number[]> {
	const { endCursor } = await readPage(api, list, null);
	const [order] = JSON.parse(
		Buffer.from(endCursor ?? '', 'base64url')
			.toString()
			.slice(1),
	) as string[];
	const column = MIDDLES[list.by];
	const [middle] = await server.query<{ value: string; id: string }>(`
		SELECT ${column?.value}::text AS value, ${column?.id} AS id FROM ${column?.from}
		ORDER BY ${column?.value}, ${column?.id} OFFSET (SELECT count(*) / 2 FROM run) LIMIT 1`);
	let after: string | null = Buffer.from(`r${JSON.stringify([order, middle?.value, middle?.id])}`).toString(
		'base64url',
	);
	const times: number[] = [];
	for (let page = 0; page < PAGES && after !== null; page++) {
		const answer = await readPage(api, list, after);
		times.push(answer.ms);
		if (answer.hasNextPage) after = answer.endCursor;
	}
	return times.slice(2);
}

const configValue = (key: string) => ({
	value: 'value',
	id: 'run_id',
	from: `run_config_value WHERE path = '${key}'`,
});
const MIDDLES: Readonly<Record<string, { value: string; id: string; from: string }>> = {
	queuedAt: { value: 'queued_at', id: 'id', from: 'run' },
	'config.lr': configValue('lr'),
	'config.batchSize': configValue('batchSize'),
	'metric.accuracy.best': { value: 'best', id: 'run_id', from: `run_metric_value WHERE key = 'accuracy'` },
};

interface PageInfo {
	readonly endCursor: string | null;
	readonly hasNextPage: boolean;
}
async function readPage(api: BenchApi, { by, where }: List, after: string | null) {
	const variables = { after, filter: { where }, orderBy: [{ by, direction: 'DESC' }] };
	const { ms, data } = await timed<{ runs: { nodes: unknown[]; pageInfo: PageInfo } }>(api, PAGE, variables);
	if (data.runs.nodes.length === 0) throw new Error(`${by} has an empty page`);
	return { ms, ...data.runs.pageInfo };
}

async function timed<T>(api: BenchApi, query: string, variables: object): Promise<{ ms: number; data: T }> {
	const body = JSON.stringify({ query, variables });
	const began = performance.now();
	const answer = await api.post(body);
	const ms = performance.now() - began;
	const { data, errors } = JSON.parse(answer);
	if (errors !== undefined) throw new Error(answer.slice(0, 500));
	return { ms, data };
}

/** Finished runs with a config, a tag and a metric each, as the triggers would have stored them one by one. */
async function seed(server: DurableServer, experimentId: string, count: number): Promise<void> {
	for (let from = 0; from < count; from += PART) {
		const to = Math.min(count, from + PART);
		await server.query(`
			SET LOCAL session_replication_role = replica;
			CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS
				SELECT at, gen_random_uuid() AS id, random() AS accuracy,
					jsonb_build_object('lr', random(), 'batchSize', 2 ^ (3 + at % 5), 'optimizer', jsonb_build_object('kind', 'adam')) AS config
				FROM generate_series(${from}, ${to - 1}) AS at;
			INSERT INTO run (id, experiment_id, name, status, config, tags, attempts, queued_at, started_at, finished_at, revision, changed_xid)
				SELECT id, '${experimentId}', 'run ' || at, 'SUCCEEDED', config, CASE WHEN at % 7 = 0 THEN '{keep}'::text[] ELSE '{}' END,
					1, now() + at * interval '1 millisecond', now(), now(), 1, pg_current_xact_id()::text::bigint FROM fresh;
			INSERT INTO run_config_value SELECT id, leaf.path, leaf.value FROM fresh, run_config_leaves(config) AS leaf;
			INSERT INTO attempt (run_id, number, token_hash, lease_expires_at, ended_at, outcome)
				SELECT id, 1, ''::bytea, now(), now(), 'SUCCEEDED' FROM fresh;
			INSERT INTO metric_series (run_id, attempt, key, count, non_finite, last_step, last_value, min_value, max_value)
				SELECT id, 1, 'accuracy', 1, 0, 1, accuracy, accuracy, accuracy FROM fresh;
			INSERT INTO run_metric_value SELECT id, 'accuracy', accuracy, accuracy, accuracy, accuracy FROM fresh`);
	}
	for (const table of ['run', 'run_config_value', 'run_metric_value', 'attempt', 'metric_series', 'experiment'])
		await server.query(`VACUUM ANALYZE ${table}`);
}
