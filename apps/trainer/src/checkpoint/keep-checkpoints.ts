import { type GraftClient, isUnavailable, uploadArtifact } from '@graft/client/node';
import { RESUME_KIND } from '@graft/domain/artifact';
import type { LeaseProof } from '@graft/domain/lease';
import { backoffMs, sleep } from '@graft/runtime/backoff';
import type { Logger } from '@graft/runtime/logger';
import type { CheckpointRequest } from '@graft/training/run';
import type { LocalCheckpoints } from './local-checkpoints.js';

/** How often checkpoints are taken: whichever comes first, and at the end of each phase. */
export interface CheckpointPace {
	readonly everySteps: number;
	readonly everyMs: number;
}

export interface CheckpointKeeperOptions {
	readonly client: GraftClient;
	readonly lease: LeaseProof;
	readonly files: LocalCheckpoints;
	readonly pace: CheckpointPace;
	/** Resolves when everything that was told before the call is stored. */
	readonly flush: () => Promise<void>;
	readonly logger: Logger;
	/** Monotonic milliseconds. */
	readonly now?: () => number;
}

export interface CheckpointKeeper {
	/** What training is to do; `from` is the step that it goes on from. */
	request(from: number): CheckpointRequest;
	/** Resolves when the newest checkpoint is stored, or when it cannot be, or when the signal aborts. */
	settle(signal: AbortSignal): Promise<void>;
	/** Ends what is under way. */
	stop(): void;
}

interface Taken {
	readonly bytes: Uint8Array;
	readonly step: number;
	/** Resolves when the points up to this step are stored. */
	readonly told: Promise<void>;
}

/**
 * Stores the checkpoints of a run, here and with the API, while training goes on. One is under way at a time; of those that
 * are taken meanwhile the newest waits, the others are left out. The uploads do not end with the run's own signal: the
 * checkpoint of a run that is handed back is taken when that has aborted.
 */
export function keepCheckpoints(options: CheckpointKeeperOptions): CheckpointKeeper {
	const { client, lease, files, pace, flush, logger, now = () => performance.now() } = options;
	const stopped = new AbortController();
	const { signal } = stopped;
	let next: Taken | null = null;
	let storing: Promise<void> | null = null;

	function take(bytes: Uint8Array, step: number): void {
		if (signal.aborted) return;
		const told = flush();
		// Where it is never awaited, because a newer checkpoint came first, its failure is nobody's.
		told.catch(() => undefined);
		next = { bytes, step, told };
		storing ??= drain().finally(() => {
			storing = null;
		});
	}

	async function drain(): Promise<void> {
		while (next !== null && !signal.aborted) {
			const taken = next;
			next = null;
			try {
				await files.write(lease.runId, taken.bytes);
			} catch (error) {
				logger.warn({ error: String(error) }, 'A checkpoint could not be kept on this machine.');
			}
			await upload(taken);
		}
	}

	async function upload({ bytes, step, told }: Taken): Promise<void> {
		const file = { name: `step-${step}`, kind: RESUME_KIND, bytes, step };
		for (let attempt = 0; !signal.aborted; attempt += 1) {
			try {
				// Whoever goes on from here tells only what comes after it.
				await told;
				await uploadArtifact(client, lease, file, signal);
				logger.debug({ step, bytes: bytes.length }, 'Checkpoint stored.');
				return;
			} catch (error) {
				if (signal.aborted) return;
				const why = error instanceof Error ? error.message : String(error);
				logger[attempt === 0 ? 'warn' : 'debug']({ step }, `The checkpoint could not be stored: ${why}`);
				// A refused one is left out; a lost lease is the lease keeper's to find. A newer one is worth more than this.
				if (!isUnavailable(error) || next !== null) return;
				await sleep(backoffMs(attempt, { baseMs: 250, maxMs: 5_000 }), signal);
			}
		}
	}

	return {
		request: (from) => {
			let last = { step: from, at: now() };
			return {
				everySteps: 1,
				isWanted: ({ step, isPhaseEnd }) =>
					isPhaseEnd || step - last.step >= pace.everySteps || now() - last.at >= pace.everyMs,
				onCheckpoint: (bytes, step) => {
					last = { step, at: now() };
					take(bytes, step);
				},
			};
		},
		settle: async (until) => {
			while (storing !== null && !until.aborted) await Promise.race([storing, aborted(until)]);
		},
		stop: () => stopped.abort(),
	};
}

const aborted = (signal: AbortSignal) =>
	new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
