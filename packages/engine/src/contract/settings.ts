import type { CompactionThresholds } from '@graft/database/metric';
import { DEFAULT_LEASE_SETTINGS, type LeaseSettings } from '@graft/domain/lease';

export interface EngineSettings {
	readonly lease: LeaseSettings;
	/** How often overdue leases are looked for. A trainer's death costs its run the lease and at most this. */
	readonly reapSeconds: number;
	/** Every stream looks at the database at least this often: heals a notification that a crash has swallowed. */
	readonly streamPollSeconds: number;
	/** Streams of metrics wake together, so often at most; less often where there are so many readers that waking takes long. */
	readonly streamTickSeconds: number;
	readonly compaction: CompactionSettings;
	/** Runs that one launch may make. */
	readonly runsPerLaunch: number;
	/** How long a deleted run can be restored. */
	readonly trashSeconds: number;
	/** How long bytes may lie in the store without a run that has committed them. */
	readonly orphanSeconds: number;
	/** How often the two are looked for. */
	readonly housekeepingSeconds: number;
}
export interface CompactionSettings extends CompactionThresholds {
	readonly everySeconds: number;
	/** So many points of one attempt are compacted even by a busy process: each query of the run reads them all. */
	readonly hardPoints: number;
	/** The same for batches, of which a script that logs point by point makes as many: each query of the run reads each of them. */
	readonly hardBatches: number;
}
export const DEFAULT_ENGINE_SETTINGS: EngineSettings = {
	lease: DEFAULT_LEASE_SETTINGS,
	reapSeconds: 1,
	streamPollSeconds: 30,
	streamTickSeconds: 0.008,
	compaction: {
		everySeconds: 2,
		points: 20_000,
		batches: 128,
		quietSeconds: 30,
		hardPoints: 500_000,
		hardBatches: 1_024,
	},
	runsPerLaunch: 10_000,
	trashSeconds: 7 * 24 * 3600,
	orphanSeconds: 3600,
	housekeepingSeconds: 600,
};
