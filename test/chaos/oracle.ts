import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeList } from '@graft/client/node';
import { PointsDocument, StoredSeriesDocument } from '../gql/graphql.js';
import { CLOSE_WAIT, connections } from './sockets.js';
import type { Stage } from './stage.js';

/** Each sentence that has to be true after the storm, with what was counted and what speaks against it. */
export interface Finding {
	readonly sentence: string;
	readonly counted: number;
	readonly against: readonly string[];
}

export const TERMINAL = ['SUCCEEDED', 'FAILED', 'CANCELLED', 'PRUNED'];
const KEYS = ['train_loss', 'val_accuracy', 'test_accuracy'];

/** What training came to: every point of the finished run, and the digest of its weights. */
export type Fingerprints = ReadonlyMap<number, string>;

interface Ended {
	readonly id: string;
	readonly seed: number;
	readonly status: string;
	readonly failure: { readonly kind: string; readonly message: string } | null;
}

export const runsOf = ({ sql }: Stage, experimentId: string): Promise<Ended[]> =>
	sql<Ended>('SELECT id, seed, status, failure FROM run WHERE experiment_id = $1 ORDER BY queued_at', [experimentId]);

export async function fingerprintOf({ client }: Stage, runId: string, weights: string): Promise<string> {
	const series = await Promise.all(
		KEYS.map(async (key) => (await client.request(StoredSeriesDocument, { runId, key })).metricSeries),
	);
	return JSON.stringify([weights, series.map((one) => one.map(({ points, steps, mean }) => [points, steps, mean]))]);
}

/** Digests of the runs' best and final weights, by their ids. */
export async function weightsOf({ sql }: Stage, experimentId: string): Promise<Map<string, string>> {
	const rows = await sql<{ id: string; digest: string }>(
		`SELECT run.id, string_agg(artifact.name || ' ' || digest, ', ' ORDER BY artifact.name) AS digest FROM run JOIN artifact ON artifact.run_id = run.id AND artifact.kind = 'checkpoint'
		WHERE run.experiment_id = $1 GROUP BY run.id`,
		[experimentId],
	);
	return new Map(rows.map(({ id, digest }) => [id, digest]));
}

export async function examine(stage: Stage, experimentId: string, undisturbed: Fingerprints): Promise<Finding[]> {
	const runs = await runsOf(stage, experimentId);
	return [
		everyRunEnded(runs),
		await everyPointOnce(stage, runs),
		await nothingFromLostLeases(stage),
		await finishesKept(stage),
		await sameAsUndisturbed(stage, experimentId, runs, undisturbed),
		await filesAndRows(stage),
		await noOpenLease(stage),
		await noDeafSocket(stage),
		{ sentence: 'no process has ended by itself', counted: stage.fallen.length, against: stage.fallen },
	];
}

function everyRunEnded(runs: readonly Ended[]): Finding {
	// A run that lost five trainers is given up, which is an end too; anything else that failed is our fault.
	const wrong = runs.filter(
		({ status, failure }) =>
			!TERMINAL.includes(status) || (status === 'FAILED' && failure?.kind !== 'TOO_MANY_ATTEMPTS'),
	);
	const against = wrong.map(
		({ id, status, failure }) => `run ${id} is ${status}: ${failure?.kind} ${failure?.message}`,
	);
	return { sentence: 'every run has ended', counted: runs.length, against };
}

/** A stream that has brought everything is silent. */
const SILENT_MS = 3_000;
const RUNS_OF_A_STREAM = 50;

/** Every point that the API gives for these runs, superseded attempts too: how often it came, by run, attempt, key, step. */
async function storedPoints({ client }: Stage, runIds: readonly string[]): Promise<Map<string, number[]>> {
	const stored = new Map<string, number[]>();
	for (let from = 0; from < runIds.length; from += RUNS_OF_A_STREAM) {
		const silence = new AbortController();
		let timer = setTimeout(() => silence.abort(), SILENT_MS);
		const variables = { runIds: runIds.slice(from, from + RUNS_OF_A_STREAM), keys: null, after: null };
		for await (const { metricStream } of client.subscribe(PointsDocument, variables, { signal: silence.signal })) {
			clearTimeout(timer);
			timer = setTimeout(() => silence.abort(), SILENT_MS);
			const { runId, attempt, key, steps, values } = metricStream;
			const value = decodeList(values);
			for (const [index, step] of decodeList(steps).entries()) {
				const id = `${runId} ${attempt} ${key} ${step}`;
				stored.set(id, [...(stored.get(id) ?? []), value[index] ?? Number.NaN]);
			}
		}
	}
	return stored;
}

interface AttemptRow {
	readonly runId: string;
	readonly number: number;
	readonly tokenHash: string;
	readonly resumedFromStep: string | null;
}

/**
 * Steps after the checkpoint that a later attempt went on from are trained again, and that attempt's points replace
 * them: these are counted, and asked for of the attempt that replaced them.
 */
async function everyPointOnce(stage: Stage, runs: readonly Ended[]): Promise<Finding> {
	const stored = await storedPoints(
		stage,
		runs.map(({ id }) => id),
	);
	const attempts = await stage.sql<AttemptRow>(`
		SELECT run_id AS "runId", number, encode(token_hash, 'hex') AS "tokenHash", resumed_from_step AS "resumedFromStep"
		FROM attempt`);
	const ours = new Set(runs.map(({ id }) => id));
	const against: string[] = [];
	let points = 0;
	for (const { runId, tokenHash, key, steps, values } of stage.record.acknowledged.values()) {
		if (!ours.has(runId)) continue;
		const own = attempts.filter((attempt) => attempt.runId === runId);
		const number = own.find((attempt) => attempt.tokenHash === tokenHash)?.number ?? 0;
		const keptUpTo = Math.min(
			...own.filter((attempt) => attempt.number > number).map(({ resumedFromStep: step }) => Number(step ?? -1)),
		);
		for (const [index, step] of steps.entries()) {
			points += 1;
			if (step > keptUpTo) continue;
			const id = `${runId} ${number} ${key} ${step}`;
			const [value, ...more] = stored.get(id) ?? [];
			if (value === undefined) against.push(`LOST: point ${id} was acknowledged and is not stored`);
			else if (!Object.is(value, values[index]))
				against.push(`CHANGED: point ${id} is ${value} and was ${values[index]}`);
			if (more.length > 0) against.push(`TWICE: point ${id} is stored ${more.length + 1} times`);
		}
	}
	const seen = new Set<string>();
	for (const id of stored.keys()) {
		const [runId, , key, step] = id.split(' ');
		const point = `${runId} ${key} ${step}`;
		if (seen.has(point)) against.push(`TWICE: point ${point} is given by two attempts`);
		seen.add(point);
	}
	return { sentence: 'each acknowledged point is stored once', counted: points, against };
}

async function nothingFromLostLeases({ sql, record }: Stage): Promise<Finding> {
	const attempts = await sql<{ id: string; endedAt: Date | null }>(`
		SELECT concat_ws(' ', run_id, encode(token_hash, 'hex')) AS id, ended_at AS "endedAt" FROM attempt`);
	const endOf = new Map(attempts.map(({ id, endedAt }) => [id, endedAt?.getTime() ?? Number.POSITIVE_INFINITY]));
	const against: string[] = [];
	for (const [id, { runId, tokenHash, storedFrom }] of record.acknowledged) {
		const end = endOf.get(`${runId} ${tokenHash}`) ?? 0;
		if (storedFrom !== null && storedFrom > end)
			against.push(`batch ${id} was stored ${storedFrom - end} ms after its lease`);
	}
	const late = await sql<{ what: string }>(`
		SELECT concat_ws(' ', 'artifact', artifact.id) AS what FROM artifact
			JOIN attempt ON attempt.run_id = artifact.run_id AND attempt.number = artifact.attempt
			WHERE artifact.created_at > attempt.ended_at
		UNION ALL
		SELECT concat_ws(' ', 'log', log_chunk.run_id, sequence) FROM log_chunk
			JOIN attempt ON attempt.run_id = log_chunk.run_id AND attempt.number = log_chunk.attempt
			WHERE log_chunk.written_at > attempt.ended_at
		UNION ALL
		SELECT concat_ws(' ', 'two leases at once', a.run_id) FROM attempt AS a JOIN attempt AS b ON a.run_id = b.run_id
			WHERE a.number < b.number AND (a.ended_at IS NULL OR a.ended_at > b.started_at)`);
	against.push(...late.map(({ what }) => what));
	return { sentence: 'nothing was written by a token that had lost its lease', counted: attempts.length, against };
}

/** A finish that was acknowledged is the attempt's outcome. */
async function finishesKept({ sql, record }: Stage): Promise<Finding> {
	const attempts = await sql<{ id: string; outcome: string | null }>(
		`SELECT concat_ws(' ', run_id, encode(token_hash, 'hex')) AS id, outcome FROM attempt`,
	);
	const outcomeOf = new Map(attempts.map(({ id, outcome }) => [id, outcome]));
	const against = [...record.finished]
		.filter(([id, { outcome }]) => outcomeOf.get(id) !== outcome)
		.map(([id, { outcome }]) => `attempt ${id} was told ${outcome} and is ${outcomeOf.get(id)}`);
	return { sentence: 'each acknowledged finish stands', counted: record.finished.size, against };
}

async function sameAsUndisturbed(
	stage: Stage,
	experimentId: string,
	runs: readonly Ended[],
	undisturbed: Fingerprints,
): Promise<Finding> {
	const weights = await weightsOf(stage, experimentId);
	const against: string[] = [];
	const succeeded = runs.filter(({ status }) => status === 'SUCCEEDED');
	for (const { id, seed } of succeeded) {
		const found = await fingerprintOf(stage, id, weights.get(id) ?? 'none');
		if (found !== undisturbed.get(seed))
			against.push(`run ${id} of seed ${seed}: ${found} instead of ${undisturbed.get(seed)}`);
	}
	return { sentence: 'weights and points equal those of the undisturbed run', counted: succeeded.length, against };
}

/** Longer than the API processes let uncommitted bytes lie here. */
const COLLECTED_WITHIN_MS = 30_000;

async function filesAndRows({ dataDir, sql }: Stage): Promise<Finding> {
	const folder = path.join(dataDir, 'api/artifacts');
	const look = async () => {
		const files = readdirSync(folder, { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile() && entry.name !== 'upload-ticket.key')
			.map((entry) => path.join(entry.parentPath, entry.name));
		const digests = files.map((file) => path.relative(folder, file).replaceAll(path.sep, ''));
		const rows = new Set((await sql<{ digest: string }>('SELECT digest FROM blob')).map(({ digest }) => digest));
		const orphans = digests.filter((digest) => !rows.has(digest)).map((digest) => `ORPHAN: ${digest}`);
		const missing = [...rows].filter((digest) => !digests.includes(digest)).map((digest) => `MISSING: ${digest}`);
		const broken = files
			.filter((_, index) => rows.has(digests[index] ?? ''))
			.filter(
				(file) =>
					createHash('sha256').update(readFileSync(file)).digest('hex') !==
					path.relative(folder, file).replaceAll(path.sep, ''),
			)
			.map((file) => `BROKEN: ${file}`);
		const unused = await sql<{ digest: string }>(`
			SELECT digest FROM blob WHERE NOT EXISTS (SELECT FROM artifact WHERE artifact.digest = blob.digest)`);
		return {
			counted: files.length,
			against: [...orphans, ...missing, ...broken, ...unused.map(({ digest }) => `UNUSED: ${digest}`)],
		};
	};
	const deadline = Date.now() + COLLECTED_WITHIN_MS;
	let seen = await look();
	while (seen.against.length > 0 && Date.now() < deadline) {
		await sleep(1_000);
		seen = await look();
	}
	return { sentence: 'every file has its row, and every row its file', ...seen };
}

async function noOpenLease({ sql }: Stage): Promise<Finding> {
	const open = await sql<{ id: string }>(
		`SELECT concat_ws(' ', 'attempt', run_id, number) AS id FROM attempt WHERE ended_at IS NULL
		UNION ALL SELECT concat_ws(' ', 'transaction of', application_name, 'open since', xact_start) FROM pg_stat_activity
			WHERE datname = current_database() AND state LIKE 'idle in transaction%' AND xact_start < now() - interval '5 s'`,
	);
	const [sessions] = await sql<{ count: string }>(
		`SELECT count(*) AS count FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'graft%'`,
	);
	// Two API processes with ten connections each, and one each that listens.
	const count = Number(sessions?.count ?? 0);
	const leaked = count > 22 ? [`${count} database connections of two API processes`] : [];
	return {
		sentence: 'no lease, transaction or connection is left open',
		counted: count,
		against: [...open.map(({ id }) => id), ...leaked],
	};
}

/** Longer than the API waits for the rest of a refused upload. */
const HEARD_WITHIN_MS = 10_000;

/** Bytes that an API process does not read hold up whoever sent them; ends that it does not close are lost to it. */
async function noDeafSocket({ apis }: Stage): Promise<Finding> {
	const ports = new Set(apis.map((api) => Number(new URL(api.url()).port)));
	const deaf = () =>
		connections().filter(
			({ localPort, state, unread }) => ports.has(localPort) && (state === CLOSE_WAIT || unread > 0),
		);
	const deadline = Date.now() + HEARD_WITHIN_MS;
	while (deaf().length > 0 && Date.now() < deadline) await sleep(100);
	return {
		sentence: 'every socket is read, and closed where the other end has gone',
		counted: connections().filter(({ localPort }) => ports.has(localPort)).length,
		against: deaf().map(
			({ remotePort, state, unread }) => `socket of ${remotePort}: state ${state}, ${unread} bytes unread`,
		),
	};
}
