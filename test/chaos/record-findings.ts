import { decodeList } from '@graft/client/node';
import { PointsDocument } from '../gql/graphql.js';
import type { Ended, Finding } from './finding.js';
import type { Stage } from './stage.js';

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
export async function everyPointOnce(stage: Stage, runs: readonly Ended[]): Promise<Finding> {
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

export async function nothingFromLostLeases({ sql, record }: Stage): Promise<Finding> {
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
export async function finishesKept({ sql, record }: Stage): Promise<Finding> {
	const attempts = await sql<{ id: string; outcome: string | null }>(
		`SELECT concat_ws(' ', run_id, encode(token_hash, 'hex')) AS id, outcome FROM attempt`,
	);
	const outcomeOf = new Map(attempts.map(({ id, outcome }) => [id, outcome]));
	const against = [...record.finished]
		.filter(([id, { outcome }]) => outcomeOf.get(id) !== outcome)
		.map(([id, { outcome }]) => `attempt ${id} was told ${outcome} and is ${outcomeOf.get(id)}`);
	return { sentence: 'each acknowledged finish stands', counted: record.finished.size, against };
}
