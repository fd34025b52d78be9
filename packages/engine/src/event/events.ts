import { findSentEvent, insertRunEvent, listRunEvents } from '@graft/database/event';
import { type InvalidInput, invalidInput } from '@graft/domain/error';
import type { LeaseLost, LeaseProof } from '@graft/domain/lease';
import type { RunEvent } from '@graft/domain/run';
import type { Context } from '../context/context.js';
import { isId, refuseName, refuseUnstorable } from '../context/storable.js';
import type { RunEventInput } from '../contract/inputs.js';
import { lockHolder, whyLost } from '../lease/settle.js';
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
	return database.transaction(async (session) => {
		const holder = await lockHolder(session, proof);
		if ('kind' in holder) return holder;
		const { run, attempt } = holder;
		const known = id === null ? null : await findSentEvent(session, run.id, id);
		if (known !== null) return withCursor(known);
		if (attempt.endedAt !== null) return whyLost(attempt);
		const event = { runId: run.id, attempt: attempt.number, kind, step, message, data, senderId: id };
		return withCursor(await insertRunEvent(session, event));
	});
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
