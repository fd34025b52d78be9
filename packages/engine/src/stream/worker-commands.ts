import type { WorkerOrder } from '@graft/database/attempt';
import type { Context } from '../context/context.js';
import { isId } from '../context/storable.js';
import { topics } from '../context/topics.js';
import type { WorkerCommand } from '../contract/inputs.js';
import { pull } from './pull.js';

/**
 * What a trainer has to hear at once. It is read from the state, not from a queue of messages: whatever was asked while
 * the trainer was not connected is told when it comes back, and nothing has to be kept for one that never does.
 */
export async function* workerCommands(
	context: Context,
	workerId: string,
	signal: AbortSignal,
): AsyncGenerator<WorkerCommand, void, undefined> {
	if (!isId(workerId) || (await context.standings.of(workerId)) === null) return;
	const leave = context.attendance.join(workerId);
	let told = new Set<string>();
	const [asked, offered] = [topics.worker(workerId), topics.offer(workerId)];
	try {
		yield* pull(context.hub, [asked, offered], signal, async function* (news): AsyncGenerator<WorkerCommand> {
			const worker = await context.standings.of(workerId);
			if (worker === null) return;
			const commands = worker.orders.flatMap(commandsOf);
			if (worker.draining) commands.push({ key: 'drain', command: { kind: 'DRAIN', runId: null } });
			for (const { key, command } of commands) if (!told.has(key)) yield command;
			told = new Set(commands.map(({ key }) => key));
			if (!news.has(offered) || worker.draining || worker.orders.length >= worker.slots) return;
			// Both at once is how a stream begins, or that anything may have happened: then nobody has looked yet.
			if (!news.has(asked) || (await context.standings.hasWork(worker))) yield { kind: 'WORK_AVAILABLE', runId: null };
		});
	} finally {
		leave();
	}
}

/** Each order is told once for an attempt. */
function commandsOf(order: WorkerOrder): { key: string; command: WorkerCommand }[] {
	const key = (kind: string) => `${kind} ${order.runId} ${order.attempt}`;
	if (order.cancel) return [{ key: key('cancel'), command: { kind: 'CANCEL_RUN', runId: order.runId } }];
	if (order.pause) return [{ key: key('pause'), command: { kind: 'PAUSE_RUN', runId: order.runId } }];
	return [];
}
