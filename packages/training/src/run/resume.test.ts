import { GraftError } from '@graft/domain/error';
import { continueSpec, type RunSpec } from '@graft/domain/run';
import { type StrategyInput, SUPPORTED_STRATEGY_KINDS } from '@graft/domain/strategy';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCheckpoint, writeCheckpoint } from '../checkpoint/index.js';
import type { FloatTensor } from '../safetensors/index.js';
import { useBackend } from '../testing/backends-here.js';
import { type Collected, collect } from '../testing/collect.js';
import { runSpec } from '../testing/run-spec.js';
import { tinyDataset } from '../testing/tiny-dataset.js';
import { isUnusableCheckpoint } from './checkpointing.js';
import type { MetricPoint, StepWeights } from './train-request.js';

let dataset: RunSpec['dataset'];
/** The same images, brighter. */
let target: RunSpec['dataset'];
let remove = () => {};
let pretrained: Uint8Array;

beforeAll(async () => {
	await useBackend();
	const [own, bright] = [await tinyDataset(20), await tinyDataset(12, (cell) => cell / 2 + 5)];
	({ dataset } = own);
	target = { ...bright.dataset, id: 'bright' };
	remove = () => {
		own.remove();
		bright.remove();
	};
	const strategy = { kind: 'FROM_SCRATCH', learningRate: 0.01 } as const;
	pretrained = (await collect(runSpec({ dataset, strategy, epochs: 3, seed: 99 }), null)).result.checkpoint;
});
afterAll(() => remove());

const head = { pooling: 'average', hidden: [5], dropout: 0.4 } as const;
const specOf = (strategy: StrategyInput, more: Partial<Parameters<typeof runSpec>[0]> = {}) =>
	runSpec({ dataset, target, strategy, pretrained: true, head, epochs: 5, batchSize: 8, seed: 7, ...more });

interface Saved {
	readonly file: Uint8Array;
	readonly step: number;
}
/** What an attempt left behind: the points that it told, and its checkpoints. */
interface Attempt {
	readonly points: MetricPoint[];
	readonly saved: Saved[];
	readonly ended: Collected | null;
}

/** A clock that leaps: progress is told at most ten times a second, and a kill is to come at any step. */
function leaps(): () => number {
	let now = 0;
	return () => {
		now += 1_000;
		return now;
	};
}

/** An attempt that dies without a word after its step `until`, or reaches the end. */
async function attempt(spec: RunSpec, everySteps: number, resume: Uint8Array | null, until: number): Promise<Attempt> {
	const points: MetricPoint[] = [];
	const saved: Saved[] = [];
	const killed = new AbortController();
	try {
		const ended = await collect(spec, pretrained, {
			signal: killed.signal,
			now: leaps(),
			resume,
			checkpoints: { everySteps, onCheckpoint: (file, step) => void saved.push({ file, step }) },
			onMetrics: (given) => void points.push(...given),
			onProgress: ({ step }) => (step ?? 0) >= until && killed.abort(new GraftError('LEASE_LOST', 'killed')),
		});
		return { points, saved, ended };
	} catch (error) {
		expect(error).toMatchObject({ code: 'LEASE_LOST' });
		return { points, saved, ended: null };
	}
}

/** Kills the run after each of these steps and goes on from the last checkpoint; what is stored of it in the end. */
async function withKills(spec: RunSpec, everySteps: number, kills: readonly number[]) {
	let stored: MetricPoint[] = [];
	let newest: Saved | null = null;
	for (const until of [...kills, Number.POSITIVE_INFINITY]) {
		const from: Saved | null = newest;
		// As the platform has it: an attempt that goes on from a step supersedes the points after it.
		stored = stored.filter(({ step }) => step <= (from?.step ?? -1));
		const { points, saved, ended } = await attempt(spec, everySteps, from?.file ?? null, until);
		stored.push(...points);
		newest = saved.at(-1) ?? from;
		if (ended !== null) return { stored, result: ended.result };
	}
	throw new Error('the last attempt was not to be killed');
}

/** Byte by byte, without the pages of output that a matcher would make of a difference. */
const isSame = (one: Uint8Array | undefined, other: Uint8Array | undefined): boolean =>
	Buffer.compare(one ?? Buffer.of(0), other ?? Buffer.of(1)) === 0;
const isSameBest = (one: StepWeights | null, other: StepWeights | null | undefined): boolean =>
	one === null ? other === null : one.step === other?.step && isSame(one.checkpoint, other.checkpoint);
const told = (points: readonly MetricPoint[]) => points.map(({ key, step, value }) => [key, step, value]);

/** What makes a kind do more than its defaults would. */
const OPTIONS: Partial<Record<StrategyInput['kind'], Omit<StrategyInput, 'kind'>>> = {
	PARTIAL_FINE_TUNE: { unfreezeFrom: 'block3', batchNorm: 'TRAIN_STATISTICS' },
	LP_FT: { epochsPerStage: 2 },
	LORA: { rank: 2 },
	SURGICAL: { unfreezeFrom: 'block2' },
	DANN: { options: { hidden: 4 } },
};
const strategies = SUPPORTED_STRATEGY_KINDS.map(
	(kind): StrategyInput => ({ kind, learningRate: 0.01, ...OPTIONS[kind] }),
);

describe('a run that was killed and resumed', () => {
	it.each(strategies)(
		'ends with the bits of one that was not, wherever it was killed: %j',
		async (strategy) => {
			const spec = specOf(strategy);
			const whole = await attempt(spec, 1_000, null, Number.POSITIVE_INFINITY);
			const steps = whole.ended?.result.steps ?? 0;
			const kills = fc.array(fc.integer({ min: 1, max: steps }), { minLength: 1, maxLength: 3 });
			await fc.assert(
				fc.asyncProperty(fc.integer({ min: 1, max: 6 }), kills, async (everySteps, at) => {
					const { stored, result } = await withKills(spec, everySteps, at);
					expect(told(stored)).toEqual(told(whole.points));
					expect(isSame(result.checkpoint, whole.ended?.result.checkpoint)).toBe(true);
					expect(isSameBest(result.best, whole.ended?.result.best)).toBe(true);
					expect(result.verification).toEqual(whole.ended?.result.verification);
					expect({ ...result.summary, seconds: 0 }).toEqual({ ...whole.ended?.result.summary, seconds: 0 });
				}),
				{ numRuns: 6 },
			);
		},
		60_000,
	);

	it('takes no different path because checkpoints are taken', async () => {
		const spec = specOf({ kind: 'FULL_FINE_TUNE', learningRate: 0.01 });
		const without = await collect(spec, pretrained);
		const often = await attempt(spec, 1, null, Number.POSITIVE_INFINITY);
		expect(isSame(without.result.checkpoint, often.ended?.result.checkpoint)).toBe(true);
		// 20 examples in batches of 8: every one of the 15 steps, and no step twice but where a phase ends.
		expect(often.saved.map(({ step }) => step)).toEqual([...Array(15).keys()].map((step) => step + 1));
	});

	it('goes on from the end, too, without a second look at the test split', async () => {
		const spec = specOf({ kind: 'FEATURE_EXTRACTION', learningRate: 0.01 });
		const whole = await attempt(spec, 1_000, null, Number.POSITIVE_INFINITY);
		const again = await attempt(spec, 1_000, whole.saved.at(-1)?.file ?? null, Number.POSITIVE_INFINITY);
		expect(again.points).toEqual([]);
		expect(isSame(again.ended?.result.checkpoint, whole.ended?.result.checkpoint)).toBe(true);
		expect(again.ended?.result.summary.testLoss).toBe(whole.ended?.result.summary.testLoss);
	});

	it('continued after its end has the bits of one that was launched for all the epochs', async () => {
		const strategies: StrategyInput[] = [
			{ kind: 'FULL_FINE_TUNE', learningRate: 0.01 },
			{ kind: 'FEATURE_EXTRACTION', learningRate: 0.01 },
			{ kind: 'LORA', rank: 2, learningRate: 0.01 },
		];
		for (const strategy of strategies) {
			const first = await attempt(specOf(strategy, { epochs: 3 }), 1_000, null, Number.POSITIVE_INFINITY);
			let spec = specOf(strategy, { epochs: 3 });
			let from = first.saved.at(-1);
			const points = [...first.points];
			let ended: Attempt['ended'] = null;
			for (const more of [1, 2]) {
				spec = continueSpec(spec, more);
				const next = await attempt(spec, 1_000, from?.file ?? null, Number.POSITIVE_INFINITY);
				points.push(...next.points);
				from = next.saved.at(-1);
				ended = next.ended;
				expect(next.ended?.result.verification.ok).toBe(true);
			}
			const whole = await attempt(specOf(strategy, { epochs: 6 }), 1_000, null, Number.POSITIVE_INFINITY);
			expect(isSame(ended?.result.checkpoint, whole.ended?.result.checkpoint)).toBe(true);
			expect(isSameBest(ended?.result.best ?? null, whole.ended?.result.best)).toBe(true);
			// Each end is tested, and the run's own epochs are those of the longer run.
			const lossOf = (given: readonly MetricPoint[]) => told(given).filter(([key]) => key === 'train_loss');
			expect(lossOf(points)).toEqual(lossOf(whole.points));
			expect(points.filter(({ key }) => key === 'test_loss')).toHaveLength(3);
		}
	}, 30_000);

	it('leaves a checkpoint of the very step at which it was paused', async () => {
		const spec = specOf({ kind: 'FULL_FINE_TUNE', learningRate: 0.01 });
		const whole = await collect(spec, pretrained);
		for (const at of [1, 3, 7, 15]) {
			const paused = new AbortController();
			const saved: Saved[] = [];
			const points: MetricPoint[] = [];
			const left = collect(spec, pretrained, {
				signal: paused.signal,
				now: leaps(),
				checkpoints: { everySteps: 1_000, onCheckpoint: (file, step) => void saved.push({ file, step }) },
				onMetrics: (given) => void points.push(...given),
				onProgress: ({ step }) => step === at && paused.abort(new GraftError('SHUTDOWN', 'paused')),
			});
			await expect(left).rejects.toMatchObject({ code: 'SHUTDOWN' });
			expect(saved.map(({ step }) => step)).toEqual([at]);
			const rest = await attempt(spec, 1_000, saved[0]?.file ?? null, Number.POSITIVE_INFINITY);
			expect(told([...points, ...rest.points])).toEqual(told(whole.points));
			expect(isSame(rest.ended?.result.checkpoint, whole.result.checkpoint)).toBe(true);
		}
	});

	it('gives its tensors back', async () => {
		const spec = specOf({ kind: 'GRADUAL_UNFREEZE', learningRate: 0.01 });
		const before = tf.memory().numTensors;
		await withKills(spec, 2, [5, 9]);
		expect(tf.memory().numTensors).toBe(before);
	});
});

describe('a checkpoint', () => {
	const spec = () => specOf({ kind: 'FULL_FINE_TUNE', learningRate: 0.01 });
	const saved = async () => {
		const [first] = (await attempt(spec(), 4, null, 5)).saved;
		if (first === undefined) throw new Error('no checkpoint was taken');
		return first.file;
	};

	it('is read as it was written, whatever a setting remembers', async () => {
		const checkpoint = readCheckpoint(await saved());
		const memory = new Map([['ema', checkpoint.weights]]);
		const notes = new Map([
			['plateau', { best: Number.NaN, worst: Number.NEGATIVE_INFINITY, zero: -0, wait: [1, null] }],
		]);
		const file = writeCheckpoint({ ...checkpoint, memory, notes });
		const read = readCheckpoint(file);
		expect(read.notes).toEqual(notes);
		expect([...read.memory.keys()]).toEqual(['ema']);
		expect([...read.optimizer.keys()].sort()).toEqual([...checkpoint.optimizer.keys()].sort());
		// Equal state is equal bytes, so that the bytes stand for all of it.
		expect(isSame(writeCheckpoint(read), file)).toBe(true);
		expect(isSame(writeCheckpoint({ ...read, notes: new Map() }), file)).toBe(false);
	});

	it('with one other number in a frozen group ends as a run that violated its plan', async () => {
		const partial = specOf({ kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3', learningRate: 0.01 });
		const [first] = (await attempt(partial, 4, null, 5)).saved;
		const checkpoint = readCheckpoint(first?.file ?? new Uint8Array());
		const frozen = [...checkpoint.weights.keys()].filter((name) => /block[12]_/.test(name));
		expect(frozen).toHaveLength(10);
		await fc.assert(
			fc.asyncProperty(fc.constantFrom(...frozen), fc.nat(), async (name, at) => {
				const { shape, values } = checkpoint.weights.get(name) as FloatTensor;
				const moved = Float32Array.from(values);
				moved[at % moved.length] = 1.5;
				const weights = new Map([...checkpoint.weights, [name, { shape, values: moved }]]);
				const run = collect(partial, pretrained, { resume: writeCheckpoint({ ...checkpoint, weights }) });
				await expect(run).rejects.toMatchObject({ code: 'PLAN_VIOLATED', details: { violations: [name] } });
			}),
			{ numRuns: 10 },
		);
	});

	it('is refused by its digest where any bit of it changed', async () => {
		const file = await saved();
		await fc.assert(
			fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
				const broken = Uint8Array.from(file);
				broken[at] = (broken[at] ?? 0) ^ flip;
				expect(() => readCheckpoint(broken)).toThrowError(expect.objectContaining({ code: 'DATA' }));
			}),
			{ numRuns: 60 },
		);
		await expect(attempt(spec(), 4, file.slice(0, -4), 9)).rejects.toBeDefined();
	});

	it('of another run, or of a run that began with other weights, is refused', async () => {
		const file = await saved();
		const resume = (given: RunSpec, weights: Uint8Array) => collect(given, weights, { resume: file });
		const ofAnother = resume({ ...spec(), seed: 8 }, pretrained);
		await expect(ofAnother).rejects.toMatchObject({
			code: 'DATA',
			message: expect.stringContaining('another run'),
		});
		await expect(ofAnother).rejects.toSatisfy(isUnusableCheckpoint);
		const other = await collect(specOf({ kind: 'FROM_SCRATCH' }), null);
		await expect(resume(spec(), other.result.checkpoint)).rejects.toMatchObject({
			code: 'DATA',
			message: expect.stringContaining('began with other weights'),
		});
	});

	it('is never taken of weights that are no numbers: the last good one stays', async () => {
		const given = specOf({ kind: 'FROM_SCRATCH', learningRate: 1e30 });
		const taken: number[] = [];
		const events: unknown[] = [];
		const failed = collect(given, null, {
			checkpoints: { everySteps: 1, onCheckpoint: (_, step) => void taken.push(step) },
			onEvent: ({ kind, data }) => kind === 'DIVERGED' && events.push(data),
		});
		await expect(failed).rejects.toMatchObject({ code: 'DIVERGED' });
		expect(events).toEqual([{ learningRate: expect.any(Number), lastGoodStep: taken.at(-1) ?? null }]);
	});
});
