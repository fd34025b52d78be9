import { compactAttempt, findCompactionCandidates, readBatchesAfter, readSeries } from '@graft/database/metric';
import { RESUME_KIND } from '@graft/domain/artifact';
import type { Lease } from '@graft/domain/lease';
import type { MetricBatch } from '@graft/domain/metric';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commitFile, createTestEngine, letLeaseRunOut, ok, type TestEngine } from '../testing/create-test-engine.js';
import { MetricModel } from '../testing/metric-model.js';
import { createScene, leaseNext } from '../testing/scene.js';

type Step =
	| { readonly kind: 'log'; readonly sizes: readonly number[]; readonly jump: number; readonly seed: number }
	| { readonly kind: 'retry' | 'gap' | 'crash' | 'compact' | 'checkpoint' | 'restart' }
	| { readonly kind: 'log and compact at once'; readonly size: number; readonly seed: number };

const KEYS = ['loss', 'accuracy', 'lr'];
/** Some batches are large, so that chunks close within a few of them. */
const size = fc.oneof(fc.nat(3), fc.nat(50), fc.integer({ min: 2_000, max: 6_000 }));
const step: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({
			kind: fc.constant('log' as const),
			sizes: fc.tuple(size, size, fc.nat(3)),
			// Backwards too: out of order, and steps that were there before.
			jump: fc.oneof(
				{ weight: 4, arbitrary: fc.constant(1) },
				{ weight: 1, arbitrary: fc.integer({ min: -300, max: 900 }) },
			),
			seed: fc.nat(1_000_000),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({ kind: fc.constant('log and compact at once' as const), size, seed: fc.nat(1_000_000) }),
	},
	...(['retry', 'gap', 'crash', 'checkpoint', 'restart'] as const).map((kind) => ({
		weight: 1,
		arbitrary: fc.constant({ kind }),
	})),
	{ weight: 3, arbitrary: fc.constant({ kind: 'compact' as const }) },
);

class Scenario {
	readonly model = new MetricModel();
	#lease: Lease;
	#sequence = 0;
	#step = 0;
	#last: MetricBatch | null = null;
	#engine: TestEngine;

	constructor(
		private readonly clone: TestDatabase,
		engine: TestEngine,
		lease: Lease,
	) {
		this.#engine = engine;
		this.#lease = lease;
		this.model.beginAttempt(null);
	}

	async run(step: Step): Promise<void> {
		switch (step.kind) {
			case 'log':
				return this.#log(step.sizes, step.jump, step.seed);
			case 'log and compact at once':
				await Promise.all([this.#log([step.size, step.size, 1], 1, step.seed), this.#compact(), this.#compact()]);
				return;
			case 'retry':
				if (this.#last !== null)
					expect(ok(await this.#engine.engine.logMetrics(this.#lease, this.#last)).duplicate).toBe(true);
				return;
			case 'gap': {
				const batch = { ...this.#batch([1, 1, 1], 1, 7), sequence: this.#sequence + 2 };
				expect(await this.#engine.engine.logMetrics(this.#lease, batch)).toMatchObject({ code: 'SEQUENCE_GAP' });
				return;
			}
			case 'checkpoint': {
				const file = { kind: RESUME_KIND, name: 'state', text: `${Math.random()}`, step: Math.max(0, this.#step - 40) };
				await commitFile(this.#engine, this.#lease, file);
				return;
			}
			case 'crash':
				return this.#crash();
			case 'compact':
				return this.#compact();
			case 'restart':
				this.#engine = createTestEngine(this.clone.database);
				return;
		}
	}

	#batch(sizes: readonly number[], jump: number, seed: number): MetricBatch {
		const first = Math.max(0, this.#step + jump);
		const series = KEYS.map((key, at) => {
			const steps = Float64Array.from({ length: sizes[at] ?? 0 }, (_, index) => first + index);
			const values = steps.map((_, index) => valueAt(seed + at * 7919 + index));
			return { key, steps, values, times: steps.map((one) => 1_800_000_000_000 + one * 10 + (seed % 7)) };
		});
		return { sequence: this.#sequence + 1, series };
	}

	async #log(sizes: readonly number[], jump: number, seed: number): Promise<void> {
		const batch = this.#batch(sizes, jump, seed);
		expect(ok(await this.#engine.engine.logMetrics(this.#lease, batch)).duplicate).toBe(false);
		this.model.store(batch);
		this.#sequence += 1;
		this.#last = batch;
		this.#step = Math.max(this.#step, ...batch.series.flatMap(({ steps }) => steps.at(-1) ?? 0));
	}

	async #crash(): Promise<void> {
		await letLeaseRunOut(this.clone.database, this.#lease.runId);
		const { worker } = ok(
			await this.#engine.engine.registerWorker({
				...{ name: 'w', backend: 'wasm', backendReason: null, device: null },
				...{ memoryBytes: null, labels: {}, slots: 1 },
			}),
		);
		const leased = ok(await this.#engine.engine.leaseRun(worker.id));
		if (leased.kind !== 'LeasedRun') throw new Error('nothing to do');
		this.#lease = leased.lease;
		this.#sequence = 0;
		this.#last = null;
		this.#step = leased.resumeFrom?.step ?? 0;
		this.model.beginAttempt(leased.resumeFrom?.step ?? null);
		// Five crashes would end the run; users may retry it as often as they like.
		await this.clone.database.query({ name: '', text: 'UPDATE run SET crashes = 0' });
	}

	async #compact(): Promise<void> {
		const due = await findCompactionCandidates(this.clone.database, { points: 0, batches: 0, quietSeconds: 0 });
		for (const candidate of due) await compactAttempt(this.clone.database, candidate);
	}

	async compare(): Promise<void> {
		const { engine } = this.#engine;
		const { runId } = this.#lease;
		const { database } = this.clone;
		const raw = await readSeries(database, [runId], KEYS);
		for (const key of KEYS) {
			const points = this.model.visible(key);
			const stored = raw.get(runId)?.get(key);
			expect(stored === undefined ? [] : [...stored.steps]).toEqual(points.map((point) => point.step));
			expect(stored === undefined ? [] : [...stored.values]).toEqual(points.map((point) => point.value));
			expect(stored === undefined ? [] : [...stored.times]).toEqual(points.map((point) => point.time));
		}
		for (const [buckets, from, to] of this.#views()) {
			const query = { runIds: [runId], keys: KEYS, buckets, from, to, x: 'STEP' as const };
			const answered = ok(await engine.metricSeries(query));
			for (const key of KEYS) {
				const made = answered.find((series) => series.key === key);
				const wanted = this.model.buckets(key, buckets, from, to);
				if (wanted === null) expect(made).toBeUndefined();
				else {
					const { points, steps, min, max, mean, nonFinite } = made as NonNullable<typeof made>;
					const lists = { steps: [...steps], min: [...min], max: [...max], nonFinite: nonFinite.length };
					const clamped = wanted.mean.map((value, at) =>
						Math.min(wanted.max[at] as number, Math.max(wanted.min[at] as number, value)),
					);
					expect({ points, ...lists, mean: [...mean] }).toEqual({ ...wanted, mean: clamped });
				}
			}
			// The same bytes on repeat, from the cache or not.
			expect(await engine.metricSeries(query)).toEqual(answered);
		}
		await this.#compareSummaries();
		await this.#compareStream();
	}

	#views(): (readonly [number, number | null, number | null])[] {
		const third = Math.floor(this.#step / 3);
		return [
			[1_000, null, null],
			[37, null, null],
			[10_000, null, null],
			[50, third, null],
			[500, third, third * 2],
		];
	}

	async #compareSummaries(): Promise<void> {
		const { runId } = this.#lease;
		for (const key of KEYS) {
			const { last, min, max, finite } = this.model.summary(key);
			const at = async (point: 'LAST' | 'MIN' | 'MAX') =>
				(await this.#engine.engine.summaries([{ runId, metric: key, at: point }]))[0];
			if (last === null) expect(await at('LAST')).toBeNull();
			else {
				const value = Number.isFinite(last.value) ? last.value : null;
				expect(await at('LAST')).toEqual({ value, step: last.step, finite });
				// Of 0 and -0 either may be kept: neither is less.
				expect(((await at('MIN'))?.value ?? null) === (min?.value ?? null)).toBe(true);
				expect(((await at('MAX'))?.value ?? null) === (max?.value ?? null)).toBe(true);
			}
		}
	}

	/** From the start, batch after batch; and each range again, as after a cut in the middle of it. */
	async #compareStream(): Promise<void> {
		const { runId } = this.#lease;
		const got = new Map<string, number[]>();
		let after = { attempt: 0, sequence: 0 };
		for (;;) {
			const range = await readBatchesAfter(this.clone.database, runId, after, null);
			if (range === null) break;
			expect(await readBatchesAfter(this.clone.database, runId, after, range.upTo)).toEqual(range);
			for (const { key, values } of range.series) got.set(key, (got.get(key) ?? []).concat(Array.from(values)));
			expect(range.upTo.attempt > after.attempt || range.upTo.sequence > after.sequence).toBe(true);
			after = range.upTo;
		}
		for (const key of KEYS) expect(got.get(key) ?? []).toEqual(this.model.delivered(key));
	}
}

/** Any double, now and then one that is no number; most are of the kind that training logs. */
function valueAt(seed: number): number {
	const kind = seed % 997;
	if (kind === 0) return Number.NaN;
	if (kind === 1) return Number.POSITIVE_INFINITY;
	if (kind === 2) return -0;
	if (kind === 3) return 1.7e308;
	if (kind === 4) return 5e-324;
	return kind % 2 === 0 ? Math.fround(Math.sin(seed) * 10) : Math.sin(seed) / 3;
}

test('every query equals the oracle, whatever is logged, repeated, lost, handed on and compacted', async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 22 }), async (steps) => {
			const clone = await createTestDatabase();
			try {
				const engine = createTestEngine(clone.database);
				const scene = await createScene(engine);
				ok(
					await engine.engine.launchComparison({ ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' }], seeds: [0] }),
				);
				const scenario = new Scenario(clone, engine, (await leaseNext(engine)).lease);
				for (const [at, one] of steps.entries()) {
					await scenario.run(one);
					if (at % 5 === 4) await scenario.compare();
				}
				await scenario.compare();
				await scenario.run({ kind: 'compact' });
				await scenario.compare();
			} finally {
				await clone.drop();
			}
		}),
		{ numRuns: Number(process.env.GRAFT_MODEL_RUNS ?? 6), endOnFailure: true },
	);
}, 240_000);
