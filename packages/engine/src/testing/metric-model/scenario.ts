import type { Database } from '@graft/database/connection';
import { compactAttempt, compactTogether, findCompactionCandidates } from '@graft/database/metric';
import { RESUME_KIND } from '@graft/domain/artifact';
import type { Lease } from '@graft/domain/lease';
import type { MetricBatch } from '@graft/domain/metric';
import type { Run } from '@graft/domain/run';
import { expect } from 'vitest';
import {
	commitFile,
	createTestEngine,
	letLeaseRunOut,
	type MemoryStore,
	ok,
	type TestEngine,
} from '../create-test-engine.js';
import { FINISHED, leaseNext } from '../scene.js';
import { type Command, KEYS, valueAt } from './commands.js';
import { RunRecord } from './run-record.js';

/** Nobody renews here, and a slow machine must not lose a lease that the oracle holds. */
const LEASE = { leaseSeconds: 24 * 3600 };
export const engineOf = (database: Database, store?: MemoryStore): TestEngine =>
	createTestEngine(database, LEASE, undefined, store);

/** Every point comes at the time of its step, some milliseconds more or less. */
export const timeOf = (step: number): number => 1_800_000_000_000 + step * 10;

/** What is compared: a run's record, and an engine that is asked for the same. */
export interface Observed {
	readonly run: Run;
	readonly runId: string;
	readonly record: RunRecord;
	readonly engine: TestEngine['engine'];
}

/** One run of a real engine, and beside it the oracle's record of the same. */
export class Scenario implements Observed {
	readonly record = new RunRecord();
	/** Something has happened since it was last compared. */
	isTouched = true;
	#sequence = 0;
	#logSequence = 0;
	#step = 0;
	#last: MetricBatch | null = null;
	#files = 0;

	private constructor(
		private readonly database: Database,
		private readonly logsExamples: boolean,
		readonly run: Run,
		private lease: Lease,
		private it: TestEngine,
	) {
		this.record.beginAttempt();
	}

	/** Leases the run that is next. */
	static async begin(database: Database, it: TestEngine, logsExamples: boolean): Promise<Scenario> {
		const { run, lease } = await leaseNext(it);
		return new Scenario(database, logsExamples, run, lease, it);
	}

	get runId(): string {
		return this.run.id;
	}

	get engine(): TestEngine['engine'] {
		return this.it.engine;
	}

	/** The same run, as another platform has it. */
	seenBy(engine: TestEngine['engine']): Observed {
		const { run, runId, record } = this;
		return { run, runId, record, engine };
	}

	/** Runs that have ended go on first, where the command needs an attempt. */
	async do(command: Command): Promise<void> {
		this.isTouched = true;
		const needsNone = ['compact', 'restart', 'tag'].includes(command.kind);
		if (this.record.outcome !== null && !needsNone) await this.#goOn();
		switch (command.kind) {
			case 'log':
				return this.#log(command.sizes, command.jump, command.seed);
			case 'log and compact at once': {
				const { size, seed } = command;
				await Promise.all([this.#log([size, size, 1], 1, seed), this.#compact(), this.#compact()]);
				return;
			}
			case 'retry':
				if (this.#last !== null) expect(ok(await this.engine.logMetrics(this.lease, this.#last)).duplicate).toBe(true);
				return;
			case 'gap': {
				const batch = { ...this.#batch([1, 1, 1], 1, 7), sequence: this.#sequence + 2 };
				expect(await this.engine.logMetrics(this.lease, batch)).toMatchObject({ code: 'SEQUENCE_GAP' });
				return;
			}
			case 'state':
				return this.#saveState(Math.max(0, this.#step - 40));
			case 'weights': {
				const at = Math.max(0, this.#step - (this.#sequence % 3));
				const name = `at-${this.record.attempts}-${++this.#files}`;
				const { id } = await commitFile(this.it, this.lease, { name, text: `${this.runId} ${name}`, step: at });
				this.record.commitWeights(id, at);
				return;
			}
			case 'lines':
				this.#logSequence += 1;
				ok(await this.engine.logLines(this.lease, this.#logSequence, command.lines));
				expect(ok(await this.engine.logLines(this.lease, this.#logSequence, command.lines)).duplicate).toBe(true);
				this.record.lines.push(...command.lines);
				return;
			case 'tag':
				return this.#tag(command.tag);
			case 'finish':
				return this.#finish(command.outcome);
			case 'crash':
				await letLeaseRunOut(this.database, this.runId);
				return this.#leaseAgain();
			case 'release':
				ok(await this.engine.releaseRun(this.lease, 'the worker is drained'));
				return this.#leaseAgain();
			case 'compact':
				return this.#compact();
			case 'restart':
				this.it = engineOf(this.database, this.it.store);
				return;
		}
	}

	#batch(sizes: readonly number[], jump: number, seed: number): MetricBatch {
		const first = Math.max(0, this.#step + jump);
		const drawn = KEYS.slice(0, sizes.length).map((key, at) => {
			const steps = Float64Array.from({ length: sizes[at] ?? 0 }, (_, index) => first + index);
			const values = steps.map((_, index) => valueAt(seed + at * 7919 + index));
			return { key, steps, values, times: steps.map((one) => timeOf(one) + (seed % 7)) };
		});
		const guide = (key: string, value: number) => ({
			...{ key, steps: Float64Array.of(first), values: Float64Array.of(value) },
			times: Float64Array.of(timeOf(first)),
		});
		// The guides of axes, which do not fall with the steps.
		const guides = [guide('epoch', first / 100), ...(this.logsExamples ? [guide('examples', first * 31)] : [])];
		return { sequence: this.#sequence + 1, series: [...drawn, ...guides] };
	}

	async #log(sizes: readonly number[], jump: number, seed: number): Promise<void> {
		const batch = this.#batch(sizes, jump, seed);
		expect(ok(await this.engine.logMetrics(this.lease, batch)).duplicate).toBe(false);
		this.record.store(batch);
		this.#sequence += 1;
		this.#last = batch;
		this.#step = Math.max(this.#step, ...batch.series.map(({ steps }) => steps.at(-1) ?? 0));
	}

	async #saveState(step: number): Promise<void> {
		const text = `${this.runId} ${++this.#files}`;
		await commitFile(this.it, this.lease, { kind: RESUME_KIND, name: 'state', text, step });
		this.record.saveState(step);
	}

	async #tag(tag: string): Promise<void> {
		const [add, remove] = this.record.tags.has(tag) ? [[], [tag]] : [[tag], []];
		ok(await this.engine.tagRuns([this.runId], { add, remove }));
		if (add.length > 0) this.record.tags.add(tag);
		else this.record.tags.delete(tag);
	}

	/** A run that succeeds leaves the state of its end, from which it may be continued. */
	async #finish(outcome: 'SUCCEEDED' | 'FAILED' | 'CANCELLED'): Promise<void> {
		if (outcome === 'SUCCEEDED') await this.#saveState(this.#step);
		const failure = outcome === 'FAILED' ? { kind: 'DATA', message: 'a broken image', retryable: false } : null;
		const progress = { phase: null, epoch: null, epochs: null, step: this.#step, steps: null, etaSeconds: null };
		const input = { ...FINISHED, lease: this.lease, outcome, failure, progress };
		expect(ok(await this.engine.finishRun(input)).run.status).toBe(outcome);
		expect(ok(await this.engine.finishRun(input)).run.status).toBe(outcome);
		this.record.outcome = outcome;
		this.record.lastStep = this.#step;
	}

	async #goOn(): Promise<void> {
		if (this.record.outcome === 'SUCCEEDED') ok(await this.engine.continueRuns([this.runId], 1));
		else ok(await this.engine.changeRuns([this.runId], 'retry'));
		await this.#leaseAgain();
	}

	async #leaseAgain(): Promise<void> {
		const { worker } = ok(
			await this.engine.registerWorker({
				...{ name: 'w', backend: 'wasm', backendReason: null, device: null },
				...{ memoryBytes: null, labels: {}, slots: 1 },
			}),
		);
		const leased = ok(await this.engine.leaseRun(worker.id));
		if (leased.kind !== 'LeasedRun') throw new Error('nothing to do');
		expect([leased.lease.runId, leased.resumeFrom?.step ?? null]).toEqual([this.runId, this.record.resumesFrom]);
		this.lease = leased.lease;
		[this.#sequence, this.#logSequence, this.#last] = [0, 0, null];
		this.#step = leased.resumeFrom?.step ?? 0;
		this.record.beginAttempt();
		// Five crashes would end the run; users may retry it as often as they like.
		await this.database.query({ name: '', text: 'UPDATE run SET crashes = 0' });
	}

	async #compact(): Promise<void> {
		const due = await findCompactionCandidates(this.database, { points: 0, batches: 0, quietSeconds: 0 });
		for (const candidate of due)
			await (candidate.isWhole
				? compactTogether(this.database, candidate.experimentId, [candidate])
				: compactAttempt(this.database, candidate));
	}
}
