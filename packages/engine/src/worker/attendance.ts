import { findIdleWorkers, findQueuedLanes } from '@graft/database/attempt';
import type { Database } from '@graft/database/connection';
import { touchWorkers } from '@graft/database/worker';
import { meetsRequirements } from '@graft/domain/worker';
import type { Logger } from '@graft/runtime/logger';
import { topics } from '../context/topics.js';
import type { Hub, News } from '../stream/hub.js';

/** The workers that listen to this process: they are noted as seen together, and the queue's runs are offered to some of them. */
export interface Attendance {
	/** The worker listens, until the answer is called. */
	join(workerId: string): () => void;
}

/**
 * Workers that are told of each queued run. Not all that wait, or one run would bring a request of every idle worker at
 * once, and the one that gets it would wait behind the others. Not one, or a worker that is stopped in its tracks would
 * cost the run its slow poll.
 */
const OFFERS_OF_A_RUN = 2;

export function createAttendance({
	hub,
	database,
	heartbeatSeconds,
	logger,
}: {
	readonly hub: Hub;
	readonly database: Database;
	readonly heartbeatSeconds: number;
	readonly logger: Logger;
}): Attendance {
	/** In the order of their last offer, the longest ago first; a worker may listen twice while it changes connections. */
	const listening = new Map<string, number>();
	let queue: News | null = null;
	let timer: NodeJS.Timeout | null = null;

	async function offerAlways(news: News): Promise<void> {
		while ((await news.next()) !== null) {
			try {
				await offer();
			} catch (error) {
				// The workers ask by themselves after a while.
				logger.warn({ err: error }, 'queued runs could not be offered');
			}
		}
	}

	async function offer(): Promise<void> {
		const idle = await findIdleWorkers(database, [...listening.keys()]);
		if (idle.length === 0) return;
		const order = [...listening.keys()];
		const free = new Set(idle.sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id)));
		for (const { requires, runs } of await findQueuedLanes(database, idle.length)) {
			let offers = runs * OFFERS_OF_A_RUN;
			for (const worker of free) {
				if (offers === 0) break;
				if (!meetsRequirements(worker, requires)) continue;
				offers -= 1;
				free.delete(worker);
				const count = listening.get(worker.id);
				if (count === undefined) continue;
				listening.delete(worker.id);
				listening.set(worker.id, count);
				hub.announce([topics.offer(worker.id)]);
			}
			if (free.size === 0) return;
		}
	}

	function touch(ids: readonly string[]): void {
		touchWorkers(database, ids).catch((error) =>
			logger.warn({ err: error, workers: ids.length }, 'workers could not be noted as seen'),
		);
	}

	function begin(): void {
		queue = hub.listen([topics.queue]);
		void offerAlways(queue);
		// An idle trainer renews no lease; that its stream is open is its sign of life.
		timer = setInterval(() => touch([...listening.keys()]), heartbeatSeconds * 1000);
		timer.unref();
	}
	function end(): void {
		queue?.close();
		if (timer !== null) clearInterval(timer);
	}

	return {
		join(workerId) {
			if (listening.size === 0) begin();
			listening.set(workerId, (listening.get(workerId) ?? 0) + 1);
			touch([workerId]);
			return () => {
				const left = (listening.get(workerId) ?? 1) - 1;
				if (left > 0) listening.set(workerId, left);
				else listening.delete(workerId);
				if (listening.size === 0) end();
			};
		},
	};
}
