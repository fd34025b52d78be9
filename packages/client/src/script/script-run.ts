import { GraftError } from '@graft/domain/error';
import { METRIC_LIMITS } from '@graft/domain/metric';
import { type ArtifactFile, uploadArtifact } from '../artifact/upload.js';
import { FinishRunDocument, type FinishRunInput, type LeaseInput } from '../gql/index.js';
import { EventPusher } from '../push/event-pusher.js';
import { LogPusher } from '../push/log-pusher.js';
import { MetricPusher } from '../push/metric-pusher.js';
import type { GraftClient } from '../transport/client.js';
import { isUnavailable } from '../transport/failure.js';
import { pause, retryDelayMs } from '../transport/retry.js';
import { renewScriptLease, type ScriptLease } from './renew-script-lease.js';
import type { RunFolder } from './run-folder.js';

export interface ScriptRunOptions {
	readonly client: GraftClient;
	/** Null: what waits is in memory alone. */
	readonly folder: RunFolder | null;
	readonly lease: LeaseInput;
	/** False where an earlier process has logged steps that this one does not know. */
	readonly countsSteps: boolean;
	/** Told when the API does not answer, for the script's own log. */
	readonly onRetry?: (error: GraftError, attempt: number) => void;
}

/** A run that this script trains by itself. Nothing but `flush`, `upload` and the ends waits for the API. */
export class ScriptRun {
	readonly id: string;
	private readonly metrics: MetricPusher;
	private readonly lines: LogPusher;
	private readonly events: EventPusher;
	private readonly lease: ScriptLease;
	private nextStep = 0;

	constructor(private readonly options: ScriptRunOptions) {
		const { client, folder, lease, onRetry } = options;
		this.id = String(lease.runId);
		this.lease = renewScriptLease(client, lease);
		const onLost = (reason: string) => this.lease.abort(new GraftError('LEASE_LOST', `The lease is lost: ${reason}`));
		const shared = { onLost, ...(onRetry ? { onRetry } : {}) };
		this.metrics = new MetricPusher(client, lease, { ...shared, spool: folder?.spool('metrics') });
		this.lines = new LogPusher(client, lease, { ...shared, spool: folder?.spool('lines') });
		this.events = new EventPusher(client, lease, { ...shared, spool: folder?.spool('events') });
	}

	/** Aborts when the run should stop: cancelled or paused by somebody, or no longer this script's. */
	get signal(): AbortSignal {
		return this.lease.signal;
	}
	/** Points that the API has not acknowledged. */
	get waiting(): number {
		return this.metrics.waiting;
	}

	/**
	 * Takes one value for each metric, NaN and infinities included, and returns at once. `step` defaults to one more than
	 * the last, `time` to now.
	 * @throws GraftError DATA for what cannot be a point; BACK_PRESSURE, taking nothing, where memory and spool are full:
	 * await `room()` and log again.
	 */
	log(values: Readonly<Record<string, number>>, { step, time }: { step?: number; time?: number } = {}): void {
		const at = step ?? this.stepAfterLast();
		if (!Number.isSafeInteger(at) || at < 0) throw wrong(`A step is a whole number from 0, not ${at}.`);
		const stamp = time ?? Date.now();
		const points = Object.entries(values).map(([key, value]) => {
			if (typeof value !== 'number') throw wrong(`${key} is ${typeof value}; a metric is a number.`);
			if (key === '' || key.length > METRIC_LIMITS.keyLength)
				throw wrong(`A metric's name has 1 to ${METRIC_LIMITS.keyLength} characters: ${key.slice(0, 40)}.`);
			return { key, step: at, value, time: stamp };
		});
		this.metrics.push(points);
		this.nextStep = at + 1;
	}

	/** A text for the run's log; it may hold several lines. */
	line(text: string): void {
		this.lines.write(text);
	}

	/** Something that happened, such as a change of the learning rate. */
	event(kind: string, message: string, { step, data }: { step?: number; data?: unknown } = {}): void {
		this.events.push([{ kind, message, step: step ?? null, data: data ?? null }]);
	}

	/** Resolves when a `log` that was refused for BACK_PRESSURE would be taken. */
	room(): Promise<void> {
		return this.metrics.room();
	}

	/** Resolves when everything so far is stored, however long the API is away. */
	async flush(): Promise<void> {
		await Promise.all([this.metrics.flush(), this.lines.flush(), this.events.flush()]);
	}

	/** Stores a file of the run, such as a checkpoint. */
	upload(file: ArtifactFile): Promise<{ readonly digest: string }> {
		const { client, lease } = this.options;
		return this.persistently(() => uploadArtifact(client, lease, file));
	}

	/** Waits until everything is stored, then ends the run. */
	finish(summary?: unknown): Promise<void> {
		return this.end({ outcome: 'SUCCEEDED', summary });
	}

	/** The same for a run that did not reach its end. */
	fail(error: unknown): Promise<void> {
		const message = error instanceof Error ? error.message : String(error);
		return this.end({ outcome: 'FAILED', failure: { kind: 'SCRIPT', message, retryable: false } });
	}

	cancel(): Promise<void> {
		return this.end({ outcome: 'CANCELLED' });
	}

	/** Stops without an end: what waits stays in the spool, and `resumeRun` goes on while the lease holds. */
	leave(): void {
		this.lease.stop();
		for (const pusher of [this.metrics, this.lines, this.events]) pusher.stop();
		this.options.folder?.close();
	}

	private async end(ending: Omit<FinishRunInput, 'lease'>): Promise<void> {
		const { client, lease, folder } = this.options;
		await this.flush();
		const input = { ...ending, lease };
		const { finishRun } = await this.persistently(() => client.request(FinishRunDocument, { input }));
		this.leave();
		if (finishRun.__typename === 'LeaseLost')
			throw new GraftError('LEASE_LOST', `The lease is lost: ${finishRun.reason}`);
		folder?.remove();
	}

	private async persistently<T>(action: () => Promise<T>): Promise<T> {
		for (let attempt = 0; ; attempt += 1) {
			try {
				return await action();
			} catch (error) {
				if (!isUnavailable(error)) throw error;
				this.options.onRetry?.(error, attempt);
				await pause(retryDelayMs(attempt));
			}
		}
	}

	private stepAfterLast(): number {
		if (this.options.countsSteps || this.nextStep > 0) return this.nextStep;
		throw wrong('This process went on with a run and does not know its last step: give the first `log` its step.');
	}
}

const wrong = (message: string): GraftError => new GraftError('DATA', message);
