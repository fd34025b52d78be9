import type { Database } from '@graft/database/connection';
import type { MetricBucketSeries } from '@graft/domain/metric';
import type { Logger } from '@graft/runtime/logger';
import type { Turns } from '@graft/runtime/turns';
import type { ArtifactStore } from '../contract/artifact-store.js';
import type { MetricBand } from '../contract/inputs.js';
import type { EngineSettings } from '../contract/settings.js';
import type { Telemetry } from '../contract/telemetry.js';
import type { Renewals } from '../lease/renew-lease.js';
import type { AppendQueue } from '../metric/append-queue.js';
import type { BucketCache } from '../metric/bucket-cache.js';
import type { RecordMemory } from '../metric/record-memory.js';
import type { Hub } from '../stream/hub.js';
import type { MetricTail } from '../stream/metric-tail.js';
import type { Attendance } from '../worker/attendance.js';
import type { Standings } from '../worker/standings.js';

/** What every use case is given. */
export interface Context {
	readonly database: Database;
	readonly artifactStore: ArtifactStore;
	readonly settings: EngineSettings;
	readonly logger: Logger;
	readonly clock: () => Date;
	readonly hub: Hub;
	readonly telemetry: Telemetry;
	readonly attendance: Attendance;
	/** What workers are to be told. */
	readonly standings: Standings;
	/** Runs are handed out in turns. */
	readonly dispatches: Turns;
	/** Leases that are renewed at the same moment. */
	readonly renewals: Renewals;
	/** The newest points of the runs that somebody follows. */
	readonly tail: MetricTail;
	/** Where batches of metrics are stored, those of one moment together. */
	readonly appends: AppendQueue;
	/** Answered buckets; null: this series has no points. */
	readonly bucketCache: BucketCache<MetricBucketSeries | null>;
	readonly recordMemory: RecordMemory;
	readonly bandCache: BucketCache<readonly MetricBand[]>;
	/** Tells every stream of every API process that these topics have news. Only after the commit. */
	readonly announce: (topics: readonly string[]) => void;
	/** Something may have been missed: every stream looks at the database. */
	readonly lookAgain: () => void;
	/** Takes overdue leases back; answers how many: see lease/reaper.ts. */
	readonly reap: () => Promise<number>;
}
