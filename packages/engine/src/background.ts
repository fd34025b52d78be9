import { sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';
import { keepHouse } from './artifact/keep-house.js';
import type { Context } from './context/context.js';
import { topics } from './context/topics.js';
import type { EngineSettings } from './contract/settings.js';
import { wakeWaiting } from './lease/reap-expired.js';
import { createCompaction } from './metric/compaction.js';

/** How soon a page sees that a worker fell silent, or got on. Costs nothing while nobody looks. */
const WORKERS_SECONDS = 1;

export interface Background {
	start(context: Context): void;
	stop(): Promise<void>;
}

/**
 * What happens without being asked: overdue leases are taken back, stored points compacted, streams look again now and then,
 * and trash is given up.
 */
export function createBackground(settings: EngineSettings, logger: Logger): Background {
	const stopped = new AbortController();
	let loops: Promise<unknown> = Promise.resolve();

	async function every(seconds: number, work: () => Promise<unknown> | unknown): Promise<void> {
		while (!(await sleep(seconds * 1000, stopped.signal))) {
			try {
				await work();
			} catch (error) {
				// The database may be away for a while; the next round tries again.
				logger.warn({ err: error }, 'background work failed');
			}
		}
	}

	return {
		start: (context) => {
			const compact = createCompaction(context);
			loops = Promise.all([
				every(settings.reapSeconds, async () => {
					while ((await context.reap()) > 0) if (stopped.signal.aborted) return;
				}),
				every(settings.reapSeconds, () => wakeWaiting(context)),
				every(settings.streamPollSeconds, () => context.lookAgain()),
				every(WORKERS_SECONDS, () => context.hub.announce([topics.workers])),
				every(settings.housekeepingSeconds, () => keepHouse(context)),
				every(settings.compaction.everySeconds, () => compact(stopped.signal)),
			]);
		},
		stop: async () => {
			stopped.abort();
			await loops;
		},
	};
}
