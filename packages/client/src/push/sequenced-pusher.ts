import { GraftError } from '@graft/domain/error';
import { isUnavailable } from '../transport/failure.js';
import { pause, retryDelayMs } from '../transport/retry.js';

/** How one batch fared. `lost`: the lease is another's, and nothing more may be written. */
export type PushOutcome =
	| { readonly kind: 'stored' }
	| { readonly kind: 'lost'; readonly reason: string }
	| { readonly kind: 'refused'; readonly message: string };

export interface PusherOptions {
	/** Longest that an item waits for company. */
	readonly intervalMs?: number;
	/** Items of one batch, and items that may wait before `push` holds its caller back. */
	readonly maxBatch?: number;
	readonly maxQueued?: number;
	/** Called once when the lease turns out to be lost. */
	readonly onLost?: (reason: string) => void;
	/** Called at each failed try, for the log. */
	readonly onRetry?: (error: GraftError, attempt: number) => void;
	readonly retryDelay?: (attempt: number) => number;
}

/** 200 ms: live to the eye, and a fast trainer makes 5 requests a second instead of hundreds. */
export const PUSH_INTERVAL_MS = 200;
const MAX_BATCH = 5_000;
const MAX_QUEUED = 50_000;

/**
 * Sends items in batches that are numbered from 1 without a gap, one batch in flight at a time. A batch whose answer
 * did not arrive is sent again, the same items under the same number, so that the server stores it once.
 */
export class SequencedPusher<Item> {
	private readonly queue: Item[] = [];
	private readonly stopping = new AbortController();
	private readonly waiters: (() => void)[] = [];
	/** Callers of `flush`, each with the count of items up to which it waits. */
	private readonly marks: { readonly upTo: number; readonly resolve: () => void }[] = [];
	private readonly options: Required<Pick<PusherOptions, 'intervalMs' | 'maxBatch' | 'maxQueued' | 'retryDelay'>> &
		PusherOptions;
	private sequence = 0;
	private pushed = 0;
	private stored = 0;
	private timer: ReturnType<typeof setTimeout> | undefined;
	private sending: Promise<void> | null = null;
	private failure: GraftError | null = null;

	constructor(
		private readonly send: (sequence: number, items: readonly Item[], signal: AbortSignal) => Promise<PushOutcome>,
		options: PusherOptions = {},
	) {
		this.options = {
			intervalMs: PUSH_INTERVAL_MS,
			maxBatch: MAX_BATCH,
			maxQueued: MAX_QUEUED,
			retryDelay: retryDelayMs,
			...options,
		};
	}

	/** Items not yet acknowledged, less the batch in flight. */
	get queued(): number {
		return this.queue.length;
	}

	/**
	 * Takes the items at once. The promise is the back-pressure: it is done already unless more than `maxQueued` items
	 * wait (the API is away), and a caller that awaits it bounds the memory. After a stop, items are dropped.
	 */
	push(items: readonly Item[]): Promise<void> {
		if (this.stopping.signal.aborted) return Promise.resolve();
		this.queue.push(...items);
		this.pushed += items.length;
		if (this.queue.length >= this.options.maxBatch) this.start();
		else if (this.timer === undefined && this.queue.length > 0) {
			this.timer = setTimeout(() => this.start(), this.options.intervalMs);
		}
		if (this.queue.length <= this.options.maxQueued) return Promise.resolve();
		return new Promise((resolve) => this.waiters.push(resolve));
	}

	/**
	 * Resolves when everything pushed before the call is stored, whatever is pushed meanwhile; waits for as long as the API
	 * is away.
	 * @throws GraftError LEASE_LOST, or what the server refused, or SHUTDOWN after `stop`.
	 */
	async flush(): Promise<void> {
		const upTo = this.pushed;
		if (this.failure === null && this.stored < upTo) {
			const stored = new Promise<void>((resolve) => this.marks.push({ upTo, resolve }));
			this.start();
			await stored;
		}
		if (this.failure !== null) throw this.failure;
	}

	/** Drops what waits and ends the retries. */
	stop(): void {
		this.fail(new GraftError('SHUTDOWN', 'The pusher was stopped.'));
	}

	private start(): void {
		clearTimeout(this.timer);
		this.timer = undefined;
		this.sending ??= this.drain().finally(() => {
			this.sending = null;
		});
	}

	private async drain(): Promise<void> {
		while (this.queue.length > 0 && this.failure === null) {
			const batch = this.queue.splice(0, this.options.maxBatch);
			this.sequence += 1;
			const outcome = await this.sendUntilAnswered(this.sequence, batch);
			if (outcome === null) return;
			if (outcome.kind === 'stored') this.reach(this.stored + batch.length);
			if (outcome.kind === 'lost') {
				this.fail(new GraftError('LEASE_LOST', `The lease is lost: ${outcome.reason}`));
				this.options.onLost?.(outcome.reason);
			}
			if (outcome.kind === 'refused') this.fail(new GraftError('BUG', `The API refused a batch: ${outcome.message}`));
			if (this.queue.length <= this.options.maxQueued) this.letThrough();
		}
	}

	private async sendUntilAnswered(sequence: number, batch: readonly Item[]): Promise<PushOutcome | null> {
		const { signal } = this.stopping;
		for (let attempt = 0; !signal.aborted; attempt += 1) {
			try {
				return await this.send(sequence, batch, signal);
			} catch (error) {
				if (signal.aborted) return null;
				if (!isUnavailable(error)) {
					this.fail(error instanceof GraftError ? error : new GraftError('BUG', String(error), {}, { cause: error }));
					return null;
				}
				this.options.onRetry?.(error, attempt);
				await pause(this.options.retryDelay(attempt), signal);
			}
		}
		return null;
	}

	private fail(failure: GraftError): void {
		this.failure ??= failure;
		this.stopping.abort();
		clearTimeout(this.timer);
		this.timer = undefined;
		this.queue.length = 0;
		this.letThrough();
		this.reach(this.pushed);
	}

	private reach(stored: number): void {
		this.stored = stored;
		while ((this.marks[0]?.upTo ?? Number.POSITIVE_INFINITY) <= stored) this.marks.shift()?.resolve();
	}

	private letThrough(): void {
		for (const waiter of this.waiters.splice(0)) waiter();
	}
}
