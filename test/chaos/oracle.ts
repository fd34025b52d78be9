import { type Ended, type Finding, TERMINAL } from './finding.js';
import { type Fingerprints, sameAsUndisturbed } from './fingerprint.js';
import { filesAndRows, noDeafSocket, noOpenLease } from './leftovers.js';
import { everyPointOnce, finishesKept, nothingFromLostLeases } from './record-findings.js';
import type { Stage } from './stage.js';

export const runsOf = ({ sql }: Stage, experimentId: string): Promise<Ended[]> =>
	sql<Ended>('SELECT id, seed, status, failure FROM run WHERE experiment_id = $1 ORDER BY queued_at', [experimentId]);

/** Looks at a platform from outside after the storm: what has to be true, and what speaks against it. */
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
