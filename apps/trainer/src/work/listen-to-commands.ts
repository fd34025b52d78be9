import { WorkerCommandsDocument } from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';

/** Between two tries after the API refused the subscription; leasing heals meanwhile by its own polls. */
const RETRY_MS = 5_000;

export interface CommandListener {
	readonly client: GraftClient;
	readonly workerId: string;
	readonly logger: Logger;
	readonly signal: AbortSignal;
	readonly onWork: () => void;
	/** A cancel or a pause of this run was asked for; the lease's renewal says which. */
	readonly onRun: (runId: string) => void;
	readonly onDrain: () => void;
}

/** Listens in the background until the signal aborts. Pushes only make things faster: nothing depends on them. */
export function listenToCommands(listener: CommandListener): void {
	void (async () => {
		while (!listener.signal.aborted) {
			try {
				await listen(listener);
			} catch (error) {
				listener.logger.warn({ error: String(error) }, 'The commands of the API cannot be heard; polling goes on.');
				await sleep(RETRY_MS, listener.signal);
			}
		}
	})();
}

async function listen({ client, workerId, signal, onWork, onRun, onDrain }: CommandListener): Promise<void> {
	for await (const { workerCommands } of client.subscribe(WorkerCommandsDocument, { workerId }, { signal })) {
		const { kind, runId } = workerCommands;
		if (kind === 'WORK_AVAILABLE') onWork();
		else if (kind === 'DRAIN') onDrain();
		else if (runId !== null) onRun(runId);
	}
}
