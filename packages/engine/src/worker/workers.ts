import { findWorkersSeenSince, insertWorker, requestDrain } from '@graft/database/worker';
import { invalidInput, type NotFound, notFound } from '@graft/domain/error';
import type { Worker } from '@graft/domain/worker';
import { newId } from '@graft/runtime/id';
import type { Context } from '../context/context.js';
import { isId, refuseName, refuseUnstorable } from '../context/storable.js';
import { topics } from '../context/topics.js';
import type { Engine } from '../contract/engine.js';
import type { RegisterWorkerInput } from '../contract/inputs.js';

const MAX_SLOTS = 1_000;
/** A worker that was silent for longer is history, not a machine to wait for. */
const SHOWN_FOR_MS = 24 * 3_600_000;

/** One registration is one process: a trainer that starts again is another worker, with free slots of its own. */
export async function registerWorker(
	{ database, settings, announce }: Context,
	input: RegisterWorkerInput,
): ReturnType<Engine['registerWorker']> {
	const { name, slots, memoryBytes } = input;
	const refused = refuseName(name) ?? refuseName(input.backend, 'backend') ?? refuseUnstorable({ ...input });
	if (refused !== null) return refused;
	if (!Number.isInteger(slots) || slots < 1 || slots > MAX_SLOTS)
		return invalidInput('slots', `The slots are a whole number from 1 to ${MAX_SLOTS}, not ${slots}.`);
	if (memoryBytes !== null && !(Number.isSafeInteger(memoryBytes) && memoryBytes >= 0))
		return invalidInput('memoryBytes', `The memory is a whole number of bytes, not ${memoryBytes}.`);
	const worker = await insertWorker(database, { id: newId(), ...input });
	announce([topics.workers]);
	return { worker, heartbeatSeconds: settings.lease.heartbeatSeconds };
}

export async function workers({ database, clock }: Context): Promise<readonly Worker[]> {
	return findWorkersSeenSince(database, new Date(clock().getTime() - SHOWN_FOR_MS));
}

/** No run is offered to it any more; it hears of it by its commands, or when it asks for work. */
export async function drainWorker(context: Context, id: string): Promise<Worker | NotFound> {
	const worker = isId(id) ? await requestDrain(context.database, id) : null;
	if (worker === null) return notFound('worker', id);
	context.announce([topics.worker(id), topics.workers]);
	return worker;
}
