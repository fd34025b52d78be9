import { GraftError } from '@graft/domain/error';
import type { BatchSpool } from '../spool/batch-spool.js';
import { givenUp, isUnavailable, mayPass } from '../transport/failure.js';
import { pause, retryDelayMs } from '../transport/retry.js';
import { Outbox, type Sealed } from './outbox.js';

/** How one batch fared. `lost`: the lease is another's, and nothing more may be written. */
export type PushOutcome =
	| { readonly kind: 'stored'; readonly duplicate?: boolean }
	| { readonly kind: 'lost'; readonly reason: string }
	| { readonly kind: 'refused'; readonly message: string };

export interface PusherOptions {
	/** Shortest time between two batches while the API answers. */
	readonly intervalMs?: number;
	/** Items of one batch, and items that memory holds at most. */
	readonly maxBatch?: number;
	readonly maxQueued?: number;
	/** Where batches are kept until they are stored. Absent: memory alone, and a crash loses what was not sent. */
	readonly spool?: BatchSpool;
	/** Called once when the lease turns out to be lost. */
	readonly onLost?: (reason: string) => void;
	/** Called at each failed try, for the log. */
	readonly onRetry?: (error: GraftError, attempt: number) => void;
	readonly retryDelay?: (attempt: number) => number;
}

/** What one kind of items becomes on the wire. `Batch` is JSON. */
export interface Wire<Item, Batch> {
	readonly encode: (items: readonly Item[]) => Batch;
	readonly send: (sequence: number, batch: Batch, signal: AbortSignal) => Promise<PushOutcome>;
}

/** Live to the eye, and a fast loop makes 20 requests a second instead of thousands. */
export const PUSH_INTERVAL_MS = 50;
/** After a rest the first item waits this long for company: a step logs its metrics one after the other, within a turn or two. */
const GATHER_MS = 1;
/** Items that cannot be sent yet go to the spool this late, so that a crash costs no more than this. */
const SPOOL_INTERVAL_MS = 500;
const MAX_BATCH = 5_000;
const MAX_QUEUED = 50_000;

/**
 * Sends items in batches that are numbered from 1 without a gap, one batch in flight at a time. A batch whose answer
 * did not arrive is sent again, the same items under the same number, so that the server stores it once. With a spool
 * each batch is on disk before it is sent, and another process may go on where this one ended.
 */
export class SequencedPusher<Item, Batch = readonly Item[]> {
	private readonly queue: Item[] = [];
	private readonly outbox: Outbox<Batch>;
	private readonly stopping = new AbortController();
	private readonly waiters: (() => void)[] = [];
	/** Callers of `flush`, each with the number of the batch up to which it waits. */
	private readonly marks: { readonly upTo: number; readonly resolve: () => void }[] = [];
	private readonly options: Required<Pick<PusherOptions, 'intervalMs' | 'maxBatch' | 'maxQueued' | 'retryDelay'>> &
		PusherOptions;
	private oldestAt = 0;
	private sentAt = Number.NEGATIVE_INFINITY;
	/** What the last answer took. */
	private answerMs = 0;
	private away = false;
	private timer: ReturnType<typeof setTimeout> | undefined;
	private sending: Promise<void> | null = null;
	private failure: GraftError | null = null;

	constructor(
		private readonly wire: Wire<Item, Batch>,
		options: PusherOptions = {},
	) {
		this.options = {
			intervalMs: PUSH_INTERVAL_MS,
			maxBatch: MAX_BATCH,
			maxQueued: MAX_QUEUED,
			retryDelay: retryDelayMs,
			...options,
		};
		this.outbox = new Outbox(options.spool);
		if (!this.outbox.isEmpty) this.start();
	}

	/** Items that the server has not acknowledged. */
	get waiting(): number {
		return this.queue.length + this.outbox.items;
	}

	/** Items in memory alone. */
	private get unspooled(): number {
		return this.queue.length + this.outbox.inMemoryAlone;
	}

	/**
	 * Takes the items without waiting for anything but, now and then, a write to the spool.
	 * @throws GraftError BACK_PRESSURE, taking none of them, where memory and spool are full (`room` tells when to go on);
	 * what ended the pushing (LEASE_LOST, SHUTDOWN, or what the server refused) after its end.
	 */
	push(items: readonly Item[]): void {
		if (this.failure !== null) throw this.failure;
		if (items.length === 0) return;
		const { maxBatch, maxQueued, spool } = this.options;
		if (this.unspooled > 0 && this.unspooled + items.length > maxQueued) throw this.full();
		if (this.queue.length === 0) this.oldestAt = performance.now();
		for (const item of items) this.queue.push(item);
		while (this.queue.length >= maxBatch) this.seal();
		// A loop that never rests lets no timer run; what it logs is on disk all the same.
		if (spool !== undefined && this.queue.length > 0 && performance.now() - this.oldestAt > this.spoolDelay())
			this.seal();
		if (!this.outbox.isEmpty) this.start();
		this.schedule();
	}

	/** Resolves when there is room again after BACK_PRESSURE, and at the end. */
	room(): Promise<void> {
		if (this.failure !== null || this.unspooled < this.options.maxQueued / 2) return Promise.resolve();
		return new Promise((resolve) => this.waiters.push(resolve));
	}

	/**
	 * Resolves when everything pushed before the call is stored, whatever is pushed meanwhile; waits for as long as the API
	 * is away.
	 * @throws GraftError LEASE_LOST, or what the server refused, or SHUTDOWN after `stop`.
	 */
	async flush(): Promise<void> {
		while (this.queue.length > 0) this.seal();
		const upTo = this.outbox.last;
		if (this.failure === null && this.outbox.has(upTo)) {
			const stored = new Promise<void>((resolve) => this.marks.push({ upTo, resolve }));
			this.start();
			await stored;
		}
		if (this.failure !== null) throw this.failure;
	}

	/** Ends the retries. What waits stays in the spool; without one it is dropped. */
	stop(): void {
		this.fail(new GraftError('SHUTDOWN', 'The pusher was stopped.'));
	}

	private schedule(): void {
		if (this.timer !== undefined || this.queue.length === 0 || this.failure !== null) return;
		const isBusy = !this.outbox.isEmpty;
		// In memory alone, items wait for their number until they can be sent, in as few batches as possible.
		if (isBusy && this.options.spool === undefined) return;
		const rest = isBusy ? this.spoolDelay() : this.sentAt + this.options.intervalMs - performance.now();
		this.timer = setTimeout(
			() => {
				this.timer = undefined;
				this.seal();
				this.start();
			},
			Math.max(Math.min(GATHER_MS, this.options.intervalMs), rest),
		);
	}

	/**
	 * How long items stay in memory alone while an earlier batch is on its way. Longer than an answer takes: each batch that
	 * waits takes a request of its own, and what is slow already would fall behind for good.
	 */
	private spoolDelay(): number {
		return Math.max(SPOOL_INTERVAL_MS, 2 * this.answerMs);
	}

	/** Gives the oldest items a number, and writes them to the spool before anybody sends them. */
	private seal(): void {
		if (this.queue.length === 0) return;
		clearTimeout(this.timer);
		this.timer = undefined;
		const items = this.queue.splice(0, this.options.maxBatch);
		this.oldestAt = performance.now();
		this.outbox.seal(items.length, this.wire.encode(items), this.away);
	}

	private start(): void {
		if (this.failure !== null) return;
		this.sending ??= Promise.resolve()
			.then(() => this.drain())
			.finally(() => {
				this.sending = null;
				// Something may have come between the last look and now.
				if (!this.outbox.isEmpty) this.start();
				// The timer may have been set for the spool; now what waits can be sent.
				clearTimeout(this.timer);
				this.timer = undefined;
				this.schedule();
			});
	}

	private async drain(): Promise<void> {
		for (let head = this.outbox.head; head !== undefined && this.failure === null; head = this.outbox.head) {
			const outcome = await this.sendUntilAnswered(head);
			if (outcome === null || this.failure !== null) return;
			if (outcome.kind === 'lost') {
				this.fail(new GraftError('LEASE_LOST', `The lease is lost: ${outcome.reason}${this.whereabouts()}`));
				this.options.onLost?.(outcome.reason);
			} else if (outcome.kind === 'refused') {
				this.fail(new GraftError('BUG', `The API refused a batch: ${outcome.message}${this.whereabouts()}`));
			} else if (outcome.duplicate && head.sequence === this.outbox.firstOwn) {
				const message = `Batch ${head.sequence} is new here, and the API has one of that number: another process writes this attempt, or the machine went down before the end of the spool had reached its disk.`;
				this.fail(new GraftError('DATA', message + this.whereabouts()));
			} else this.acknowledge(head);
		}
	}

	private acknowledge(batch: Sealed<Batch>): void {
		this.outbox.acknowledge(batch);
		if (this.unspooled < this.options.maxQueued / 2) this.letThrough();
		this.reach(batch.sequence);
	}

	private async sendUntilAnswered(sealed: Sealed<Batch>): Promise<PushOutcome | null> {
		const { signal } = this.stopping;
		let failures = 0;
		for (let attempt = 0; !signal.aborted; attempt += 1) {
			try {
				this.sentAt = performance.now();
				const outcome = await this.wire.send(sealed.sequence, this.outbox.read(sealed), signal);
				this.away = false;
				this.answerMs = performance.now() - this.sentAt;
				// Of a batch whose first answer was lost a second one is expected.
				return attempt > 0 && outcome.kind === 'stored' ? { kind: 'stored' } : outcome;
			} catch (error) {
				if (signal.aborted) return null;
				failures = isUnavailable(error) ? 0 : failures + 1;
				if (!mayPass(error, failures)) {
					const failure = givenUp(error);
					this.fail(
						failure instanceof GraftError ? failure : new GraftError('BUG', String(error), {}, { cause: error }),
					);
					return null;
				}
				this.away = true;
				this.options.spool?.sync();
				this.options.onRetry?.(error, attempt);
				await pause(this.options.retryDelay(attempt), signal);
			}
		}
		return null;
	}

	private full(): GraftError {
		const { maxQueued, spool } = this.options;
		const why =
			spool === undefined
				? 'there is no spool on disk'
				: `the spool takes no more (${spool.refusal?.message ?? 'it has not caught up'})`;
		const message = `${this.unspooled} items wait for the API, ${maxQueued} fit into memory, and ${why}. Wait for room, or end the run; these items were not taken.`;
		return new GraftError('BACK_PRESSURE', message, {}, { cause: spool?.refusal });
	}

	private whereabouts(): string {
		const { spool } = this.options;
		return spool === undefined ? '' : ` What was not stored stays in ${spool.folder}.`;
	}

	private fail(failure: GraftError): void {
		// Nobody sends it any more; whoever opens the spool next finds it there.
		while (this.options.spool !== undefined && this.queue.length > 0) this.seal();
		this.failure ??= failure;
		this.stopping.abort();
		clearTimeout(this.timer);
		this.timer = undefined;
		this.queue.length = 0;
		this.outbox.clear();
		this.letThrough();
		this.reach(this.outbox.last);
	}

	private reach(stored: number): void {
		while ((this.marks[0]?.upTo ?? Number.POSITIVE_INFINITY) <= stored) this.marks.shift()?.resolve();
	}

	private letThrough(): void {
		for (const waiter of this.waiters.splice(0)) waiter();
	}
}
