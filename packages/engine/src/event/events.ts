import { findAttemptByToken } from '@graft/database/attempt';
import { findSentEvent, insertFencedEvent, listRunEvents } from '@graft/database/event';
import { type InvalidInput, invalidInput } from '@graft/domain/error';
import { type LeaseLost, type LeaseProof, leaseLost } from '@graft/domain/lease';
import type { RunEvent } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId, refuseName, refuseUnstorable } from '../context/storable.js';
import type { RunEventInput } from '../contract/inputs.js';
import { whyLost } from '../lease/settle.js';
import { hashToken } from '../lease/token.js';
import { decodeCursor, encodeCursor, isCount } from '../stream/cursor.js';

type EventWithCursor = RunEvent & { readonly cursor: string };
const withCursor = (event: RunEvent): EventWithCursor => ({ ...event, cursor: encodeCursor('e', event.position) });

const MESSAGE_LENGTH = 10_000;

/** Adds an event to the run's list, under the fence; one that is there already, by its sender's id, is answered again. */
export async function recordEvent(
	{ database }: Context,
	proof: LeaseProof,
	{ id = null, kind, step, message, data }: RunEventInput,
): Promise<EventWithCursor | LeaseLost | InvalidInput> {
	const refused = refuseName(kind, 'kind') ?? refuseUnstorable({ message, data });
	if (refused !== null) return refused;
	if (message.length > MESSAGE_LENGTH)
		return invalidInput('message', `A message has ${MESSAGE_LENGTH} characters at the most.`);
	if (step !== null && !(Number.isSafeInteger(step) && step >= 0))
		return invalidInput('step', `A step is a whole number from 0, not ${step}.`);
	if (id !== null && !isId(id)) return invalidInput('id', `An event's id is a UUID that its sender made, not ${id}.`);
	if (!isId(proof.runId)) return leaseLost(`There is no run ${proof.runId}.`);
	const event = { runId: proof.runId, kind, step, message, data, senderId: id };
	const tokenHash = hashToken(proof.token);
	for (;;) {
		const stored = await insertFencedEvent(database, tokenHash, event);
		if (stored !== null) return withCursor(stored);
		const attempt = await findAttemptByToken(database, proof.runId, tokenHash);
		if (attempt === null) return leaseLost('This token is not a lease of this run.');
		const known = id === null ? null : await findSentEvent(database, proof.runId, id);
		if (known !== null) return withCursor(known);
		if (attempt.endedAt !== null) return whyLost(attempt);
		// Somebody added an event at the same moment.
	}
}

export async function events(
	{ database }: Context,
	runId: string,
	after: string | null,
	first: number,
): Promise<readonly EventWithCursor[]> {
	if (!isId(runId)) return [];
	const position = after === null ? 0 : decodeCursor('e', after);
	const stored = await listRunEvents(database, runId, isCount(position) ? Math.min(position, 2 ** 31 - 1) : 0, first);
	return stored.map(withCursor);
}
