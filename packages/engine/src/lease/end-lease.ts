import { type EndedAttempt, endAttemptByToken, findAttemptByToken } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { findRuns } from '@graft/database/run';
import { type LeaseLost, type LeaseProof, leaseLost } from '@graft/domain/lease';
import type { Run } from '@graft/domain/run';
import { isId } from '../context/storable.js';
import { whyLost } from './settle.js';
import { hashToken } from './token.js';

/** The attempt had this end already: its holder's first answer was lost on the way, and it asks again. */
interface EndedBefore {
	readonly kind: 'EndedBefore';
	readonly run: Run;
}

/**
 * Ends the holder's attempt with this outcome, and locks its run. An ended attempt keeps its token's hash: by it a holder that
 * asks again is told from a stranger.
 */
export async function endLease(
	session: Session,
	{ runId, token }: LeaseProof,
	outcome: string,
): Promise<(EndedAttempt & { readonly kind: 'Ended' }) | EndedBefore | LeaseLost> {
	if (!isId(runId)) return leaseLost(`There is no run ${runId}.`);
	const hash = hashToken(token);
	const ended = await endAttemptByToken(session, runId, hash, outcome);
	if (ended !== null) return { kind: 'Ended', ...ended };
	const attempt = await findAttemptByToken(session, runId, hash);
	if (attempt === null) return leaseLost('This token is not a lease of this run.');
	const [run] = attempt.outcome === outcome ? await findRuns(session, [runId]) : [];
	return run === undefined ? whyLost(attempt) : { kind: 'EndedBefore', run };
}
