import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type DurableServer, startDurableServer } from '@graft/testing/server';
import { type BenchApi, startApi } from './api.js';
import { atMost, type Benchmark, type Figure, quantile, reported } from './figure.js';
import { COUNTS, LISTS, type List } from './runs-lists.js';
import { createExperiment } from './runs-to-log.js';

const FEW = 10_000;
const MANY = 1_000_000;
const PART = 100_000;
const PAGES = 90;
/** So many first ones are not timed: connections that the API opens, and code that it has not run yet. */
const UNTIMED = 10;
/** How many times the milliseconds of FEW runs MANY may take; and of the dearest page of FEW runs, where a search ends at its bound. */
const FLAT = 2;

const PAGE = `query ($after: String, $filter: RunFilter, $orderBy: [RunOrder!]) {
	runs(first: 50, after: $after, filter: $filter, orderBy: $orderBy) { isPartial nodes { id name status config tags queuedAt } pageInfo { endCursor hasNextPage } } }`;
const COUNT = 'query ($filter: RunFilter) { runs(first: 0, filter: $filter) { totalCount } }';

/** The same pages of a table of 10,000 and of a million runs, each in a database of its own. */
export const runs: Benchmark = {
	name: 'runs',
	about:
		'pages of 50 of the runs table at 10,000 and at 1,000,000 runs: first, deep, by config, metric and tag, filtered',
	async run(log, { data }) {
		const folder = data ?? mkdtempSync(path.join(os.tmpdir(), 'graft-bench-runs-'));
		try {
			const few = await measure(path.join(folder, 'few'), FEW, log);
			const many = await measure(path.join(folder, 'many'), MANY, log);
			const figures: Figure[] = [];
			const dearest = Math.max(...[...few.values()].map(({ ms }) => ms));
			for (const [name, { ms, bounded }] of many) {
				const before = few.get(name)?.ms ?? Number.NaN;
				figures.push(reported(`${name}, ${FEW} runs, p95`, before, 'ms'));
				figures.push(reported(`${name}, ${MANY} runs, p95`, ms, 'ms'));
				figures.push(
					bounded
						? atMost(`${name}, of the dearest page of ${FEW} runs`, ms / dearest, 'x', FLAT)
						: atMost(`${name}, how much more`, ms / before, 'x', FLAT),
				);
			}
			return figures;
		} finally {
			if (data === null) rmSync(folder, { recursive: true, force: true });
		}
	},
};

type Times = ReadonlyMap<string, { readonly ms: number; readonly bounded: boolean }>;

async function measure(dataDir: string, count: number, log: (line: string) => void): Promise<Times> {
	mkdirSync(dataDir, { recursive: true });
	const server = await startDurableServer(dataDir);
	const api = await startApi(server.url, dataDir);
	try {
		if (!existsSync(path.join(dataDir, 'seeded'))) {
			const began = performance.now();
			await seed(server, await createExperiment(api, 'runs'), count);
			writeFileSync(path.join(dataDir, 'seeded'), '');
			log(`${count} runs in ${Math.round((performance.now() - began) / 1000)} s`);
		}
		await readThrough(dataDir);
		const p95 = new Map<string, { ms: number; bounded: boolean }>();
		const keep = (name: string, times: readonly number[], { bounded }: List) => {
			p95.set(name, { ms: quantile(times, 0.95), bounded: bounded ?? false });
			log(`${count} runs, ${name}: ${quantile(times, 0.5).toFixed(1)} ms, p95 ${quantile(times, 0.95).toFixed(1)} ms`);
		};
		for (const list of LISTS) {
			const first: number[] = [];
			for (let time = 0; time < PAGES; time++) first.push((await readPage(api, list, null)).ms);
			keep(`${list.name}, first page`, first.slice(UNTIMED), list);
			if (list.few === undefined) keep(`${list.name}, deep`, await readDeep(server, api, list), list);
		}
		for (const list of COUNTS) {
			const counted: number[] = [];
			for (let time = 0; time < PAGES; time++)
				counted.push((await timed(api, COUNT, { filter: { where: list.where } })).ms);
			keep(list.name, counted.slice(UNTIMED), list);
		}
		return p95;
	} finally {
		await api.stop();
		await server.stop();
	}
}

/** So that no page waits for a disk: what is compared is the work, and the smaller table would be in memory after a few pages. */
async function readThrough(folder: string): Promise<void> {
	// The folders of its tables: what else lies beside them comes and goes.
	const base = path.join(folder, 'postgres', 'base');
	for (const entry of readdirSync(base, { recursive: true, withFileTypes: true })) {
		if (!entry.isFile()) continue;
		for await (const _ of createReadStream(path.join(entry.parentPath, entry.name), { highWaterMark: 1 << 20 }));
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
		ORDER BY ${column?.value}, ${column?.id} OFFSET (SELECT count(*) / 2 FROM ${column?.from}) LIMIT 1`);
	let after: string | null = Buffer.from(`r${JSON.stringify([order, middle?.value, middle?.id])}`).toString(
		'base64url',
	);
	const times: number[] = [];
	for (let page = 0; page < PAGES && after !== null; page++) {
		const answer = await readPage(api, list, after);
		times.push(answer.ms);
		if (answer.hasNextPage) after = answer.endCursor;
	}
	return times.slice(UNTIMED);
}

const kept = (name: string) => ({ value: 'value', id: 'run_id', from: `run_value WHERE path = '${name}'` });
const MIDDLES: Readonly<Record<string, { value: string; id: string; from: string }>> = {
	queuedAt: { value: 'queued_at', id: 'id', from: 'run' },
	'config.lr': kept('lr'),
	'config.batchSize': kept('batchSize'),
	tag: kept('.tag.last'),
	finishedAt: kept('.finishedAt'),
	'metric.accuracy.best': { value: 'best', id: 'run_id', from: `run_metric_value WHERE key = 'accuracy'` },
};

interface PageInfo {
	readonly endCursor: string | null;
	readonly hasNextPage: boolean;
}
async function readPage(api: BenchApi, { by, where, few }: List, after: string | null) {
	const variables = { after, filter: { where }, orderBy: [{ by, direction: 'DESC' }] };
	const { ms, data } = await timed<{ runs: { isPartial: boolean; nodes: unknown[]; pageInfo: PageInfo } }>(
		api,
		PAGE,
		variables,
	);
	const { length } = data.runs.nodes;
	// A page may have ended exactly where the list does.
	const isEmpty = length === 0 && after === null && !data.runs.isPartial;
	const isWrong = few === undefined ? isEmpty : length !== few;
	if (isWrong) throw new Error(`${by}: ${where} has a page of ${length}`);
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

/**
 * Finished runs with a config, a tag and a metric each, as the triggers would have stored them one by one. `half` is true for half of
 * them, a rate is below 0.5 for half, and an accuracy above it; any two of these hold for a quarter, all three for none.
 */
async function seed(server: DurableServer, experimentId: string, count: number): Promise<void> {
	for (let from = 0; from < count; from += PART) {
		const to = Math.min(count, from + PART);
		await server.query(`
			SET LOCAL session_replication_role = replica;
			CREATE TEMPORARY TABLE fresh ON COMMIT DROP AS
				SELECT at, id, (random() + CASE WHEN quarter IN (0, 1) THEN 1 ELSE 0 END) / 2 AS accuracy, jsonb_build_object(
					'lr', (random() + CASE WHEN quarter IN (0, 2) THEN 0 ELSE 1 END) / 2, 'batchSize', 2 ^ (3 + at % 5), 'half', quarter IN (1, 2)) AS config
				FROM (SELECT at, uuidv7(at * interval '1 millisecond') AS id, floor(random() * 4)::integer AS quarter FROM generate_series(${from}, ${to - 1}) AS at) AS drawn;
			INSERT INTO run (id, experiment_id, name, status, config, tags, attempts, queued_at, started_at, finished_at, revision, changed_xid)
				SELECT id, '${experimentId}', 'run ' || at, 'SUCCEEDED', config, CASE WHEN at % 7 = 0 THEN '{keep}'::text[] ELSE '{}' END,
					1, now() + at * interval '1 millisecond', now(), now() + at * interval '1 millisecond', 1, pg_current_xact_id()::text::bigint FROM fresh;
			INSERT INTO run_value SELECT id, given.path, given.value FROM fresh JOIN run USING (id), LATERAL (VALUES
				('lr', fresh.config -> 'lr'), ('batchSize', fresh.config -> 'batchSize'), ('half', fresh.config -> 'half'),
				('.name', to_jsonb(name)), ('.status', to_jsonb(status)),
				('.startedAt', to_jsonb((extract(epoch FROM started_at) * 1000000)::bigint)),
				('.finishedAt', to_jsonb((extract(epoch FROM finished_at) * 1000000)::bigint)),
				('.tag.first', to_jsonb(tags[1])), ('.tag.last', to_jsonb(tags[1])), ('.tag=' || tags[1], 'true'::jsonb)) AS given (path, value)
				WHERE given.value IS NOT NULL AND given.path IS NOT NULL;
			INSERT INTO attempt (run_id, number, token_hash, lease_expires_at, ended_at, outcome)
				SELECT id, 1, ''::bytea, now(), now(), 'SUCCEEDED' FROM fresh;
			INSERT INTO metric_series (run_id, attempt, key, count, non_finite, last_step, last_value, min_value, max_value)
				SELECT id, 1, 'accuracy', 1, 0, 1, accuracy, accuracy, accuracy FROM fresh;
			INSERT INTO run_metric_value SELECT id, 'accuracy', accuracy, accuracy, accuracy, accuracy FROM fresh`);
	}
	const [row] = await server.query<{ others: number }>(`
		WITH sampled AS (SELECT * FROM run ORDER BY id LIMIT 100),
			wanted AS (SELECT run.id, given.* FROM sampled JOIN run USING (id), run_given_values(run) AS given WHERE value IS NOT NULL
				UNION ALL SELECT run.id, given.* FROM sampled JOIN run USING (id), run_stage_values(run) AS given WHERE value IS NOT NULL),
			stored AS (SELECT run_id, path, value FROM run_value WHERE run_id IN (SELECT id FROM sampled))
		SELECT count(*) AS others FROM ((TABLE wanted EXCEPT TABLE stored) UNION ALL (TABLE stored EXCEPT TABLE wanted)) AS differing`);
	if (row?.others !== 0) throw new Error(`${row?.others} values are not what the triggers would have kept`);
	for (const table of ['run', 'run_value', 'run_metric_value', 'attempt', 'metric_series', 'experiment'])
		await server.query(`VACUUM ANALYZE ${table}`);
}
