import { findRunsByWorkers } from '@graft/database/run';
import { canonicalJson } from '@graft/domain/json';
import { type Worker, workerStatus } from '@graft/domain/worker';
import type { Context } from '../context/context.js';
import { topics } from '../context/topics.js';
import { workers } from '../worker/workers.js';
import { pull } from './pull.js';

/**
 * The workers as the list shows them, whenever something about one has changed: who came, who fell silent, what each holds
 * and how far it is. A silence is no event that anybody could announce: while somebody listens, the topic has news once a
 * second (see background.ts), and a look that finds nothing new is no frame.
 */
export function workerUpdates(context: Context, signal: AbortSignal): AsyncIterableIterator<readonly Worker[]> {
	let shown: string | null = null;
	return pull(context.hub, [topics.workers], signal, async function* () {
		const list = await workers(context);
		const held = await findRunsByWorkers(
			context.database,
			list.map(({ id }) => id),
		);
		const now = context.clock();
		const seen = canonicalJson([
			list.map((worker) => [
				{ ...worker, registeredAt: null, lastSeenAt: worker.lastSeenAt.getTime() },
				workerStatus(worker.lastSeenAt, now, context.settings.lease.heartbeatSeconds),
			]),
			held.map(({ id, workerId, name, progress }) => [id, workerId, name, progress]),
		]);
		if (seen === shown) return;
		shown = seen;
		yield list;
	});
}
