import type { JsonObject } from '../json/index.js';

export { meetsRequirements, parseLabels, parseRequirements, type RunRequirements } from './requirements.js';

export type WorkerStatus = 'ONLINE' | 'SILENT';

export interface Worker {
	readonly id: string;
	readonly name: string;
	/** TensorFlow back end: `tensorflow-gpu`, `tensorflow`, `wasm`. */
	readonly backend: string;
	/** Why this back end was chosen and the better ones were not, one sentence. */
	readonly backendReason: string | null;
	readonly device: string | null;
	readonly memoryBytes: number | null;
	readonly labels: JsonObject;
	/** Runs that it takes at once. */
	readonly slots: number;
	readonly registeredAt: Date;
	readonly lastSeenAt: Date;
	/** Since when it is to take no more runs; null: it takes them. */
	readonly drainRequestedAt: Date | null;
}

/** Three missed heartbeats: one may be lost to a busy event loop, three are not an accident. */
export const MISSED_HEARTBEATS_UNTIL_SILENT = 3;

export function workerStatus(lastSeenAt: Date, now: Date, heartbeatSeconds: number): WorkerStatus {
	const silentMs = now.getTime() - lastSeenAt.getTime();
	return silentMs > heartbeatSeconds * 1000 * MISSED_HEARTBEATS_UNTIL_SILENT ? 'SILENT' : 'ONLINE';
}
