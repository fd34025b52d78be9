import type { Database } from '@graft/database/connection';
import type { Logger } from '@graft/runtime/logger';
import type { ArtifactStore } from './contract/artifact-store.js';
import type { Engine } from './contract/engine.js';
import type { EngineSettings } from './contract/settings.js';

export interface CreateEngine {
	readonly database: Database;
	readonly artifactStore: ArtifactStore;
	readonly settings: EngineSettings;
	readonly logger: Logger;
	readonly clock?: () => Date;
}

/** The engine with its background work: the reaper of overdue leases and the ear for other processes' news. */
export interface RunningEngine extends Engine {
	start(): Promise<void>;
	/** Ends every stream and the background work; the database stays open. */
	stop(): Promise<void>;
}

export function createEngine(_options: CreateEngine): RunningEngine {
	throw new Error('the use cases come with the next commits');
}
