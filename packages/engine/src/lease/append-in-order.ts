import { type FencedAttempt, findAttemptByToken } from '@graft/database/attempt';
import type { Session } from '@graft/database/connection';
import { type InvalidInput, invalidInput } from '@graft/domain/error';
import { type LeaseLost, type LeaseProof, leaseLost } from '@graft/domain/lease';
import { isId } from '../context/storable.js';
import { whyLost } from './settle.js';
import { hashToken } from './token.js';

export interface Append {
	readonly sequence: number;
	/** Number of the last batch that the attempt has stored of this kind. */
	readonly lastOf: (attempt: FencedAttempt) => number;
	/**
	 * One statement that stores the batch if it is the next one of a living attempt; false when it is not. Asked again where it said
	 * false of a batch whose turn it is.
	 */
	readonly store: (tokenHash: Buffer, again: boolean) => Promise<boolean>;
}

/** Stores batch `sequence` once: a repeat is told from a gap and from a lost lease by the attempt's row. */
export async function appendInOrder(
	session: Session,
	{ runId, token }: LeaseProof,
	{ sequence, lastOf, store }: Append,
): Promise<'stored' | 'duplicate' | LeaseLost | InvalidInput> {
	if (!Number.isSafeInteger(sequence) || sequence < 1)
		return invalidInput('sequence', `A sequence number is a whole number from 1, not ${sequence}.`);
	if (!isId(runId)) return leaseLost(`There is no run ${runId}.`);
	const hash = hashToken(token);
	for (let again = false; ; again = true) {
		if (await store(hash, again)) return 'stored';
		const attempt = await findAttemptByToken(session, runId, hash);
		if (attempt === null) return leaseLost('This token is not a lease of this run.');
		if (attempt.endedAt !== null) return whyLost(attempt);
		const next = lastOf(attempt) + 1;
		if (sequence < next) return 'duplicate';
		if (sequence > next)
			return invalidInput('sequence', `Batch ${sequence} is not the next one: ${next} is expected.`, 'SEQUENCE_GAP');
		// The batch before it arrived between the two statements, or somebody had the attempt locked.
	}
}
