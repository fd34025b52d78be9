import { setTimeout as sleep } from 'node:timers/promises';
import { killed } from './faults.js';
import { oneOf } from './random.js';
import type { Stage } from './stage.js';

/** A run that lost its trainer, and how long it took to be noticed and to be trained again. */
export interface Recovery {
	readonly detectSeconds: number;
	/** Null: it had lost trainers before, and waited by design. */
	readonly againSeconds: number | null;
}

interface Held {
	readonly name: string;
	readonly runId: string;
	readonly number: number;
}

/** A run shorter than that would be over before the signal arrives. */
const HELD = `
	SELECT worker.name, attempt.run_id AS "runId", attempt.number FROM attempt JOIN worker ON worker.id = attempt.worker_id
		JOIN run ON run.id = attempt.run_id
	WHERE attempt.ended_at IS NULL AND attempt.started_at < now() - interval '300 ms' AND run.seed = ANY($1::int[])
	ORDER BY worker.name`;
const HELD_WITHIN_MS = 10_000;

interface Seen {
	readonly endedAt: Date | null;
	readonly outcome: string | null;
	readonly againAt: Date | null;
	readonly status: string;
	readonly isWaiting: boolean;
}
const AFTER = `
	SELECT attempt.ended_at AS "endedAt", attempt.outcome, next.started_at AS "againAt", run.status,
		run.retry_at IS NOT NULL AS "isWaiting"
	FROM attempt JOIN run ON run.id = attempt.run_id
		LEFT JOIN attempt AS next ON next.run_id = attempt.run_id AND next.number = $2 + 1
	WHERE attempt.run_id = $1 AND attempt.number = $2`;

/**
 * Kills a trainer that trains one of the long runs, while nothing else is broken, and times what follows by the database's
 * clock. Null where there is nothing to time: no run was long enough, or a request that was still on its way when its
 * trainer died ended the run all the same.
 */
export async function killTrainer(
	stage: Stage,
	random: () => number,
	longSeeds: readonly number[],
): Promise<Recovery | null> {
	const held = await findHeld(stage, random, longSeeds);
	const trainer = stage.trainers.find(({ name }) => name === held?.name);
	if (held === null || trainer === undefined) return null;
	const killedAt = Date.now();
	await killed(trainer, 500);
	for (;;) {
		const [seen] = await stage.sql<Seen>(AFTER, [held.runId, held.number]);
		if (seen?.endedAt != null) {
			if (seen.outcome !== 'EXPIRED') return null;
			const detectSeconds = (seen.endedAt.getTime() - killedAt) / 1e3;
			if (seen.againAt !== null) return { detectSeconds, againSeconds: (seen.againAt.getTime() - killedAt) / 1e3 };
			if (seen.isWaiting || seen.status === 'FAILED') return { detectSeconds, againSeconds: null };
		}
		await sleep(100);
	}
}

async function findHeld(stage: Stage, random: () => number, longSeeds: readonly number[]): Promise<Held | null> {
	const deadline = Date.now() + HELD_WITHIN_MS;
	while (Date.now() < deadline) {
		const all = await stage.sql<Held>(HELD, [longSeeds]);
		if (all.length > 0) return oneOf(random, all);
		await sleep(50);
	}
	return null;
}
