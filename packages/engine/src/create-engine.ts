import type { Database } from '@graft/database/connection';
import { type Carrier, notifierOver, postgresCarrier } from '@graft/database/notify';
import type { Logger } from '@graft/runtime/logger';
import { inTurns } from '@graft/runtime/turns';
import { createBackground } from './background.js';
import type { Context } from './context/context.js';
import type { ArtifactStore } from './contract/artifact-store.js';
import type { Engine } from './contract/engine.js';
import type { EngineSettings } from './contract/settings.js';
import { NO_TELEMETRY, type Telemetry } from './contract/telemetry.js';
import { createReaper } from './lease/reaper.js';
import { createRenewals } from './lease/renew-lease.js';
import { createAppendQueue } from './metric/append-queue.js';
import { createBucketCache } from './metric/bucket-cache.js';
import { createRecordMemory } from './metric/record-memory.js';
import { createHub } from './stream/hub.js';
import { metricRecord } from './stream/metric-record.js';
import { runOfMetricTopic } from './stream/metric-stream.js';
import { createMetricTail } from './stream/metric-tail.js';
import { useCases } from './use-cases.js';
import { createAttendance } from './worker/attendance.js';
import { createStandings } from './worker/standings.js';

export interface CreateEngine {
	readonly database: Database;
	readonly artifactStore: ArtifactStore;
	readonly settings: EngineSettings;
	readonly logger: Logger;
	readonly clock?: () => Date;
	/** What carries news between API processes; default: the database itself. */
	readonly carrier?: Carrier;
	readonly telemetry?: Telemetry;
}

/** 32 MB of answered buckets, and somewhat more for the packed form that the API keeps of them. */
const NUMBERS_CACHED = 4_000_000;

/**
 * Hand-outs are a handful of milliseconds of computing, of this process and the database in turn, so two keep both busy. All at
 * once, sixteen workers that end together stay together, and each waits for all. What waits for a lock holds up nobody.
 */
const DISPATCHES = { most: 2, patienceMs: 50 };

/** The engine with its background work: the reaper of overdue leases and the ear for other processes' news. */
export interface RunningEngine extends Engine {
	start(): Promise<void>;
	/** Ends every stream and the background work; the database stays open. */
	stop(): Promise<void>;
}

/** An engine over an open, migrated database. Requests are answered before `start` too; streams only hear this process. */
export function createEngine({ telemetry = NO_TELEMETRY, ...given }: CreateEngine): RunningEngine {
	const { database, artifactStore, settings, logger, clock, carrier } = given;
	const hub = createHub(settings.streamTickSeconds * 1000, (waitedMs) => telemetry.newsTaken(waitedMs / 1000));
	const tail = createMetricTail(metricRecord(database));
	const lookAgain = () => {
		tail.forgetAll();
		hub.announceAll();
	};
	const notifier = notifierOver(carrier ?? postgresCarrier(database, logger), logger, {
		onTopics: (topics) => {
			for (const topic of topics) {
				const runId = runOfMetricTopic(topic);
				if (runId !== null) tail.forget(runId);
			}
			hub.announce(topics);
		},
		onGap: lookAgain,
	});
	const background = createBackground(settings, logger);
	const reaper = createReaper(settings.lease);
	const context: Context = {
		database,
		artifactStore,
		settings,
		logger,
		clock: clock ?? (() => new Date()),
		hub,
		telemetry,
		attendance: createAttendance({ hub, database, heartbeatSeconds: settings.lease.heartbeatSeconds, logger }),
		standings: createStandings(database),
		dispatches: inTurns(DISPATCHES),
		renewals: createRenewals(database, settings.lease),
		tail,
		lookAgain,
		appends: createAppendQueue(database),
		bucketCache: createBucketCache(NUMBERS_CACHED),
		recordMemory: createRecordMemory(),
		bandCache: createBucketCache(NUMBERS_CACHED / 4),
		announce: (topics) => {
			hub.announce(topics);
			notifier.publish(topics);
		},
		reap: () => reaper.reap(context),
	};
	return {
		...useCases(context),
		start: async () => {
			await notifier.start();
			reaper.begin();
			background.start(context);
		},
		stop: async () => {
			await background.stop();
			hub.close();
			await notifier.stop();
		},
	};
}
