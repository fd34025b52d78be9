import {
	compactAttempt,
	compactTogether,
	findCompactionCandidates,
	readBatchesAfter,
	readSeries,
} from '@graft/database/metric';
import { RESUME_KIND } from '@graft/domain/artifact';
import type { Lease } from '@graft/domain/lease';
import type { MetricBatch, MetricSummary } from '@graft/domain/metric';
import { createTestDatabase, type TestDatabase } from '@graft/testing/database';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LogLine, XAxis } from '../contract/inputs.js';
import { commitFile, createTestEngine, letLeaseRunOut, ok, type TestEngine } from '../testing/create-test-engine.js';
import { bandOf, MetricModel, type Place } from '../testing/metric-model.js';
import { createScene, leaseNext } from '../testing/scene.js';

type Step =
	| { readonly kind: 'log'; readonly sizes: readonly number[]; readonly jump: number; readonly seed: number }
	| { readonly kind: 'retry' | 'gap' | 'crash' | 'compact' | 'checkpoint' | 'weights' | 'restart' }
	| { readonly kind: 'lines'; readonly lines: readonly string[] }
	| { readonly kind: 'log and compact at once'; readonly size: number; readonly seed: number };

const KEYS = ['loss', 'accuracy', 'lr', 'epoch'];
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
	{
		weight: 1,
		arbitrary: fc.record({
			kind: fc.constant('lines' as const),
			lines: fc.array(fc.constantFrom('epoch 1', 'EPOCH 2: loss 50 %', 'a_b', 'ünïcode', ''), { maxLength: 12 }),
		}),
	},
	...(['retry', 'gap', 'crash', 'checkpoint', 'weights', 'restart'] as const).map((kind) => ({
		weight: 1,
		arbitrary: fc.constant({ kind }),
	})),
	{ weight: 3, arbitrary: fc.constant({ kind: 'compact' as const }) },
);

class Scenario {
	readonly model = new MetricModel();
	readonly runId: string;
	#lease: Lease;
	#sequence = 0;
	#logSequence = 0;
	readonly #lines: string[] = [];
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
		this.runId = lease.runId;
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
			case 'weights': {
				const at = Math.max(0, this.#step - (this.#sequence % 3));
				const file = { name: `at-${this.model.attempts}-${Math.random()}`, text: `${Math.random()}`, step: at };
				this.model.commit((await commitFile(this.#engine, this.#lease, file)).id, at);
				return;
			}
			case 'lines':
				this.#logSequence += 1;
				ok(await this.#engine.engine.logLines(this.#lease, this.#logSequence, step.lines));
				expect(ok(await this.#engine.engine.logLines(this.#lease, this.#logSequence, step.lines)).duplicate).toBe(true);
				this.#lines.push(...step.lines);
				return;
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
		const drawn = KEYS.filter((key) => key !== 'epoch').map((key, at) => {
			const steps = Float64Array.from({ length: sizes[at] ?? 0 }, (_, index) => first + index);
			const values = steps.map((_, index) => valueAt(seed + at * 7919 + index));
			return { key, steps, values, times: steps.map((one) => 1_800_000_000_000 + one * 10 + (seed % 7)) };
		});
		// The guide of the epoch axis, which does not fall with the steps.
		const [steps, values] = [Float64Array.of(first), Float64Array.of(first / 100)];
		const epoch = { key: 'epoch', steps, values, times: steps.map((one) => 1_800_000_000_000 + one * 10) };
		return { sequence: this.#sequence + 1, series: [...drawn, epoch] };
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
		this.#logSequence = 0;
		this.#last = null;
		this.#step = leased.resumeFrom?.step ?? 0;
		this.model.beginAttempt(leased.resumeFrom?.step ?? null);
		// Five crashes would end the run; users may retry it as often as they like.
		await this.clone.database.query({ name: '', text: 'UPDATE run SET crashes = 0' });
	}

	async #compact(): Promise<void> {
		const due = await findCompactionCandidates(this.clone.database, { points: 0, batches: 0, quietSeconds: 0 });
		for (const candidate of due)
			await (candidate.isWhole
				? compactTogether(this.clone.database, candidate.experimentId, [candidate])
				: compactAttempt(this.clone.database, candidate));
	}

	async compare(): Promise<void> {
		const { runId } = this;
		const { database } = this.clone;
		const raw = await readSeries(database, [runId], KEYS);
		for (const key of KEYS) {
			const points = this.model.visible(key);
			const stored = raw.get(runId)?.get(key);
			expect(stored === undefined ? [] : [...stored.steps]).toEqual(points.map((point) => point.step));
			expect(stored === undefined ? [] : [...stored.values]).toEqual(points.map((point) => point.value));
			expect(stored === undefined ? [] : [...stored.times]).toEqual(points.map((point) => point.time));
		}
		for (const [buckets, from, to] of this.#views()) await this.#compareBuckets('STEP', buckets, from, to);
		await this.#compareOtherAxes();
		await this.#compareSuperseded();
		await this.#compareKeys();
		await this.#compareLines();
		await this.#compareSummaries();
		await this.#compareStream();
	}

	async #compareBuckets(x: XAxis, buckets: number, from: number | null, to: number | null, axis: Axis = STEPS) {
		const { engine } = this.#engine;
		const query = { runIds: [this.runId], keys: KEYS, buckets, from, to, x };
		const answered = ok(await engine.metricSeries(query));
		for (const key of KEYS) {
			const made = answered.find((series) => series.key === key);
			const steps = axis.steps(from, to);
			const wanted = this.model.buckets(key, buckets, steps.from, steps.to, axis.place);
			if (wanted === null) expect(made).toBeUndefined();
			else {
				const { points, steps: places, min, max, mean, nonFinite } = made as NonNullable<typeof made>;
				const lists = { steps: [...places], min: [...min], max: [...max], nonFinite };
				const clamped = wanted.mean.map((value, at) =>
					Math.min(wanted.max[at] as number, Math.max(wanted.min[at] as number, value)),
				);
				expect({ points, ...lists, mean: [...mean] }).toEqual({ ...wanted, mean: clamped });
			}
		}
		// The same bytes on repeat, from the cache or not.
		expect(await engine.metricSeries(query)).toEqual(answered);
		expect(await createTestEngine(this.clone.database).engine.metricSeries(query)).toEqual(answered);
	}

	/** Whole, and zoomed to the middle. */
	async #compareOtherAxes(): Promise<void> {
		const run = await this.#engine.engine.run(this.runId);
		const { batchSize = 0 } = run?.spec ?? {};
		const examples = rising((step) => step * batchSize);
		await this.#compareBuckets('EXAMPLES', 50, null, null, examples);
		await this.#compareBuckets('EXAMPLES', 500, (this.#step / 3) * batchSize, (this.#step / 2) * batchSize, examples);
		const cost = run?.freezePlan?.stepCost ?? Number.NaN;
		await this.#compareBuckets(
			'COMPUTE',
			50,
			null,
			null,
			rising((step) => step * batchSize * cost),
		);
		const began = run?.startedAt?.getTime() ?? Number.NaN;
		const compute = (step: number) => step * batchSize * cost;
		const [low, high] = [Math.floor(this.#step / 3), Math.floor(this.#step / 2)];
		await this.#compareBuckets('COMPUTE', 500, compute(low), compute(high), rising(compute));
		const byTime = { ...STEPS, place: ({ time }: { time: number }) => (time - began) / 1000 };
		await this.#compareBuckets('WALL_TIME', 50, null, null, byTime);
		await this.#compareTimeZoom(byTime.place, low, high);
		// All guides lie on one line, so that what is between them does too, but for rounding.
		const epochs = this.model.visible('epoch').some(({ step }) => step > 0);
		const query = { runIds: [this.runId], keys: ['loss'], buckets: 50, from: null, to: null };
		const [byEpoch] = ok(await this.#engine.engine.metricSeries({ ...query, x: 'EPOCH' }));
		const [byStep] = ok(await this.#engine.engine.metricSeries({ ...query, x: 'STEP' }));
		if (!epochs || byStep === undefined) return;
		byStep.steps.forEach((step, at) => void expect(byEpoch?.steps[at]).toBeCloseTo(step / 100, 9));
		expect({ ...byEpoch, steps: null, nonFinite: null }).toEqual({ ...byStep, steps: null, nonFinite: null });
		if (high <= low) return;
		const zoom = { ...query, x: 'EPOCH' as const, from: (low + 0.5) / 100, to: (high + 0.5) / 100 };
		const [zoomed] = ok(await this.#engine.engine.metricSeries(zoom));
		const [same] = ok(await this.#engine.engine.metricSeries({ ...query, x: 'STEP', from: low + 1, to: high }));
		expect({ ...zoomed, steps: null, nonFinite: null }).toEqual({ ...same, steps: null, nonFinite: null });
	}

	/**
	 * A zoom by time keeps cells that begin in the range: steps, where there are no more points than buckets, and then it is known
	 * exactly what has to be there. Else every point between the first and the last that is shown lies within a bucket.
	 */
	async #compareTimeZoom(place: Place, low: number, high: number): Promise<void> {
		const began = place({ step: 0, time: 1_800_000_000_000, value: 0, attempt: 1, sequence: 1 });
		const [from, to] = [began + low / 100, began + high / 100];
		const query = { runIds: [this.runId], keys: KEYS, from, to, x: 'WALL_TIME' as const };
		for (const buckets of [10_000, 200]) {
			const answered = ok(await this.#engine.engine.metricSeries({ ...query, buckets }));
			for (const key of KEYS) {
				const points = this.model.visible(key).filter(({ value }) => Number.isFinite(value));
				const made = answered.find((series) => series.key === key);
				const [steps, min, max] = [[...(made?.steps ?? [])], [...(made?.min ?? [])], [...(made?.max ?? [])]];
				expect(steps.every((at) => at >= from && at <= to)).toBe(true);
				if (this.model.visible(key).length <= Math.min(buckets, 2_000)) {
					const wanted = this.model.buckets(key, buckets, null, null, place);
					const inside = (wanted?.steps ?? []).map((at) => at >= from && at <= to);
					const kept = (list: readonly number[] | undefined) => (list ?? []).filter((_, at) => inside[at]);
					expect([steps, min, max]).toEqual([kept(wanted?.steps), kept(wanted?.min), kept(wanted?.max)]);
				}
				const [first, last] = [steps[0] ?? Number.NaN, steps.at(-1) ?? Number.NaN];
				// Two points of one step may have come some milliseconds apart.
				const between = points.filter((point) => place(point) >= first + 0.02 && place(point) <= last - 0.02);
				for (const { value } of between)
					expect(min.some((bottom, at) => bottom <= value && value <= (max[at] as number))).toBe(true);
			}
		}
	}

	/** The record as it stood before each resume. */
	async #compareSuperseded(): Promise<void> {
		for (let attempt = 1; attempt <= this.model.attempts; attempt++) {
			const query = { runIds: [this.runId], keys: KEYS, buckets: 300, from: null, to: null, x: 'STEP' as const };
			const answered = ok(await this.#engine.engine.metricSeries({ ...query, attempt }));
			for (const key of KEYS) {
				const made = answered.find((series) => series.key === key);
				const wanted = this.model.buckets(key, 300, null, null, undefined, attempt);
				expect(made && [made.points, [...made.steps], [...made.min], [...made.max]]).toEqual(
					wanted === null ? undefined : [wanted.points, wanted.steps, wanted.min, wanted.max],
				);
			}
		}
	}

	async #compareKeys(): Promise<void> {
		const keys = KEYS.filter((key) => this.model.visible(key).length > 0).sort();
		const of = async (search: string | null, first: number | null) =>
			(await this.#engine.engine.metricKeysByRuns([this.runId], { search, first })).get(this.runId) ?? [];
		expect(await of(null, null)).toEqual(keys);
		expect(await of('L', 1)).toEqual(keys.filter((key) => key.includes('l')).slice(0, 1));
	}

	async #compareLines(): Promise<void> {
		for (const search of [null, 'epoch', '%', '_', 'Ü', 'none']) {
			const wanted = this.#lines
				.map((line, at) => ({ number: at + 1, line }))
				.filter(({ line }) => line.toLowerCase().includes((search ?? '').toLowerCase()));
			const got: { number: number; line: string }[] = [];
			for (let after: string | null = null; ; ) {
				const page: readonly LogLine[] = await this.#engine.engine.logLinesOf(this.runId, { after, first: 7, search });
				got.push(...page.map(({ number, line }) => ({ number, line })));
				if (page.length < 7) break;
				after = page.at(-1)?.cursor ?? null;
			}
			expect(got).toEqual(wanted);
			expect(await this.#engine.engine.logLineCount(this.runId, search)).toBe(wanted.length);
		}
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
		const { runId } = this;
		for (const key of KEYS) {
			const { last, min, max, finite } = this.model.summary(key);
			const at = async (point: 'BEST' | 'LAST' | 'MIN' | 'MAX') =>
				(await this.#engine.engine.summaries([{ runId, metric: key, at: point }]))[0];
			if (last === null) expect(await at('LAST')).toBeNull();
			else {
				const value = Number.isFinite(last.value) ? last.value : null;
				expect(await at('LAST')).toMatchObject({ value, step: last.step, finite });
				// Of 0 and -0 either may be kept: neither is less.
				const same = (a: MetricSummary | null | undefined, b: typeof min) =>
					(a?.value ?? null) === (b?.value ?? null) && (a?.step ?? null) === (b?.step ?? null);
				expect([same(await at('MIN'), min), same(await at('MAX'), max)]).toEqual([true, true]);
				expect(await at('BEST')).toEqual(await at(key === 'loss' ? 'MIN' : 'MAX'));
				for (const point of ['LAST', 'MIN', 'MAX'] as const) {
					const summary = await at(point);
					expect(summary?.checkpointId).toBe(this.model.checkpointOf(summary?.step ?? null));
				}
			}
		}
	}

	/** From the start, batch after batch; and each range again, as after a cut in the middle of it. */
	async #compareStream(): Promise<void> {
		const { runId } = this;
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

interface Axis {
	readonly place: Place;
	/** The steps between two places. */
	readonly steps: (from: number | null, to: number | null) => { from: number | null; to: number | null };
}
const STEPS: Axis = { place: ({ step }) => step, steps: (from, to) => ({ from, to }) };

/** The steps are looked for one by one, from the first. */
function rising(x: (step: number) => number): Axis {
	const count = (before: (at: number) => boolean) => {
		let step = 0;
		while (before(x(step))) step += 1;
		return step;
	};
	return {
		place: ({ step }) => x(step),
		steps: (from, to) => ({
			from: from === null ? null : count((at) => at < from),
			to: to === null ? null : count((at) => at <= to) - 1,
		}),
	};
}

/** t(0.975, 1), from a table. */
const T_OF_TWO = 12.706204736174705;

/** Mean and interval over both runs, against the plain computation. */
async function compareBands(
	{ database }: TestDatabase,
	experimentId: string,
	runs: readonly Scenario[],
): Promise<void> {
	const { engine } = createTestEngine(database);
	for (const key of KEYS)
		for (const [buckets, from, to] of [
			[10_000, null, null],
			[40, null, null],
			[10_000, 5, 60],
		] as const) {
			const query = { experimentId, key, groupBy: ['strategy'], buckets, from, to, x: 'STEP' as const };
			const [band] = ok(await engine.metricBands(query));
			const isInside = (step: number) => step >= (from ?? 0) && step <= (to ?? Number.POSITIVE_INFINITY);
			const examples = { ...query, x: 'EXAMPLES' as const };
			const [scaled] = ok(await engine.metricBands(examples));
			const wanted = bandOf(
				runs.map(({ model }) => model.visible(key).filter(({ step }) => isInside(step))),
				buckets,
			);
			expect([...(band?.x ?? [])]).toEqual(wanted.map(({ x }) => x));
			// Step by step an axis that is so many examples a step shows the same band.
			const { batchSize = Number.NaN } = (await engine.run(runs[0]?.runId ?? ''))?.spec ?? {};
			const short = runs.every(({ model }) => model.visible(key).length <= buckets) && wanted.length <= buckets;
			if (short && buckets > 40 && from === null) {
				expect([...(scaled?.x ?? [])]).toEqual(wanted.map(({ x }) => x * batchSize));
				expect(scaled?.mean).toEqual(band?.mean);
			}
			for (const [at, { mean, sd, largest, runs: n }] of wanted.entries()) {
				// The sum of squares of such values is beyond every double.
				if (largest > 1e150) continue;
				const near = (made: number | undefined, value: number) =>
					expect(Math.abs((made ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-9 * (largest + Math.abs(value)));
				near(band?.mean[at], mean);
				if (n < 2) {
					expect([band?.sd[at], band?.low[at], band?.high[at]]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
					continue;
				}
				near(band?.sd[at], sd);
				near(band?.low[at], mean - (T_OF_TWO * sd) / Math.SQRT2);
				near(band?.high[at], mean + (T_OF_TWO * sd) / Math.SQRT2);
			}
		}
}

/** Filters and orders of the runs table over the metrics of both runs. */
async function compareLists(
	{ database }: TestDatabase,
	experimentId: string,
	runs: readonly Scenario[],
): Promise<void> {
	const { engine } = createTestEngine(database);
	const points = { last: 'last', min: 'min', max: 'max', best: 'max' } as const;
	for (const [at, of] of Object.entries(points)) {
		const valued = runs.map(({ runId, model }) => ({ runId, value: model.summary('accuracy')[of]?.value ?? null }));
		const pivot = valued[0]?.value ?? 0;
		const list = async (where: string | null, direction: 'ASC' | 'DESC') => {
			const orderBy = [{ by: `metric.accuracy.${at}`, direction }];
			const page = ok(await engine.runs({ first: 10, after: null, filter: { experimentId, where }, orderBy }));
			return page.items.map(({ node }) => node.id);
		};
		const rank = (value: number) => (Number.isNaN(value) ? Number.POSITIVE_INFINITY : value);
		for (const direction of ['ASC', 'DESC'] as const) {
			const ids = await list(null, direction);
			const values = ids.map((id) => valued.find(({ runId }) => runId === id)?.value ?? null);
			const there = values.filter((value) => value !== null).map(rank);
			expect(there).toEqual([...there].sort((a, b) => (direction === 'ASC' ? a - b || 0 : b - a || 0)));
			expect([ids.length, values.slice(0, there.length).includes(null)]).toEqual([runs.length, false]);
		}
		if (!Number.isFinite(pivot)) continue;
		// NaN is above every number, as PostgreSQL sorts.
		const passes = valued.filter(({ value }) => value !== null && (Number.isNaN(value) || value >= pivot));
		const ids = await list(`metric.accuracy.${at} >= ${pivot}`, 'ASC');
		expect(ids.toSorted()).toEqual(passes.map(({ runId }) => runId).toSorted());
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
	const steps = fc.array(fc.record({ of: fc.nat(1), step }), { minLength: 8, maxLength: 22 });
	await fc.assert(
		fc.asyncProperty(steps, async (given) => {
			const clone = await createTestDatabase();
			try {
				const engine = createTestEngine(clone.database);
				const scene = await createScene(engine);
				const launch = { ...scene.launch, strategies: [{ kind: 'FROM_SCRATCH' as const }], seeds: [0, 1] };
				ok(await engine.engine.launchComparison(launch));
				const first = new Scenario(clone, engine, (await leaseNext(engine)).lease);
				const runs = [first, new Scenario(clone, engine, (await leaseNext(engine)).lease)];
				const compare = async () => {
					for (const run of runs) await run.compare();
					await compareBands(clone, scene.experiment.id, runs);
					await compareLists(clone, scene.experiment.id, runs);
				};
				for (const [at, one] of given.entries()) {
					// Most of it happens to one run, so that it grows.
					await (runs[at % 3 === 0 ? one.of : 0] ?? first).run(one.step);
					if (at % 5 === 4) await compare();
				}
				await compare();
				await first.run({ kind: 'compact' });
				await compare();
			} finally {
				await clone.drop();
			}
		}),
		{ numRuns: Number(process.env.GRAFT_MODEL_RUNS ?? 4), endOnFailure: true },
	);
}, 240_000);
