import { EventPusher, type GraftClient, LogPusher, MetricPusher } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import type { LeaseProof } from '@graft/domain/lease';
import type { Logger } from '@graft/runtime/logger';
import type { LeaseKeeper } from './lease-keeper.js';

export type Reports = ReturnType<typeof openReports>;

interface ReportingRun {
	readonly client: GraftClient;
	readonly lease: LeaseProof;
	readonly logger: Logger;
}

/** Where a run's points, lines and events go while it trains. A lost lease ends the run. */
export function openReports({ client, lease, logger }: ReportingRun, keeper: LeaseKeeper) {
	const options = {
		onLost: (reason: string) => keeper.abort(new GraftError('LEASE_LOST', `The lease is lost: ${reason}`)),
		onRetry: (error: GraftError, attempt: number) => logger.debug({ failedTries: attempt + 1 }, error.message),
	};
	const metrics = new MetricPusher(client, lease, options);
	const logs = new LogPusher(client, lease, options);
	const events = new EventPusher(client, lease, options);
	const all = [metrics, logs, events];
	return {
		metrics,
		logs,
		events,
		flush: async () => void (await Promise.all(all.map((pusher) => pusher.flush()))),
		stop: () => {
			for (const pusher of all) pusher.stop();
		},
	};
}
