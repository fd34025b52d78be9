import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import facts from '../../vectors/schedules.json' with { type: 'json' };
import { parseTraining, type ScheduleSpec } from '../recipe/index.js';
import { emaDecay, oneCycleMomentum, scheduleFactor } from './index.js';

/** By what they show: a value for each position. */
const FACTS = facts as unknown as Record<string, Record<string, number>> & {
	'fastai_finetune_base2e-3': Record<string, Record<string, number>>;
};

/** The schedule as it is parsed, with the defaults that it stands for. */
function schedule(given: object): ScheduleSpec {
	const parsed = parseTraining({ schedule: given });
	if ('field' in parsed) throw new Error(parsed.message);
	return parsed.schedule;
}
const factor = (spec: ScheduleSpec, step: number, steps: number) => scheduleFactor(spec, { step, steps, reduced: 1 });

const CASES: readonly { what: string; spec: ScheduleSpec; rate: number; steps: number; values: object | undefined }[] =
	[
		{
			what: "ULMFiT's slanted triangle",
			spec: schedule({ kind: 'slanted-triangular' }),
			rate: 0.01,
			steps: 100,
			values: FACTS['stlr_T100_cut.1_r32_max.01'],
		},
		{
			what: "fastai's one cycle",
			spec: schedule({ kind: 'one-cycle' }),
			rate: 1e-3,
			steps: 1,
			values: FACTS['fastai_onecycle_lr1e-3_defaults'],
		},
		{
			what: "fastai's fine_tune, frozen",
			spec: schedule({ kind: 'one-cycle', peakAt: 0.99 }),
			rate: 2e-3,
			steps: 1,
			values: FACTS['fastai_finetune_base2e-3'].frozen_phase,
		},
		{
			what: "fastai's fine_tune, unfrozen",
			spec: schedule({ kind: 'one-cycle', peakAt: 0.3, startDivisor: 5 }),
			rate: 1e-3,
			steps: 1,
			values: FACTS['fastai_finetune_base2e-3']['unfrozen_phase_head(lr_max=1e-3,div=5,pct=.3)'],
		},
		{
			what: "Hugging Face's cosine",
			spec: schedule({ kind: 'cosine', warmUp: 0.1 }),
			rate: 1,
			steps: 100,
			values: FACTS.hf_cosine_w10_T100,
		},
		{
			what: "Hugging Face's line",
			spec: schedule({ kind: 'linear', warmUp: 0.1 }),
			rate: 1,
			steps: 100,
			values: FACTS.hf_linear_w10_T100,
		},
		{
			what: "timm's cosine",
			spec: schedule({ kind: 'cosine', convention: 'timm', warmUp: 0.01, start: 1e-4 / 0.05, final: 1e-6 / 0.05 }),
			rate: 0.05,
			steps: 300,
			values: FACTS['timm_cosine_lr.05_T300_warm3_1e-4_min1e-6'],
		},
	];

describe('the rate at a step', () => {
	it.each(CASES)('$what', ({ spec, rate, steps, values }) => {
		const expected = Object.entries(values ?? {}) as [string, number][];
		expect(expected.length).toBeGreaterThan(3);
		for (const [step, value] of expected) {
			expect(Math.abs(rate * factor(spec, Number(step), steps) - value)).toBeLessThan(1e-12);
		}
	});

	it("torch's one cycle, as torch's own test has it", () => {
		const given = { kind: 'one-cycle', convention: 'torch', finalDivisor: 2, momentum: { high: 0.22, low: 0.01 } };
		const spec = schedule(given) as Extract<ScheduleSpec, { kind: 'one-cycle' }>;
		const between = (from: number, to: number, share: number) =>
			to + ((from - to) / 2) * (Math.cos(Math.PI * share) + 1);
		const steps = [...Array(10).keys()];
		const rates = [1, 13, 25, ...[1, 2, 3, 4, 5, 6].map((step) => between(25, 0.5, step / 7)), 0.5];
		const momenta = [22, 11.5, 1, ...[1, 2, 3, 4, 5, 6].map((step) => between(1, 22, step / 7)), 22];
		steps.forEach((step) => {
			expect(25 * factor(spec, step, 10)).toBeCloseTo(rates[step] ?? 0, 12);
			expect(100 * (oneCycleMomentum(spec, step, 10) ?? 0)).toBeCloseTo(momenta[step] ?? 0, 12);
		});
	});

	it("fastai's momentum falls while the rate rises", () => {
		const spec = schedule({ kind: 'one-cycle', momentum: { high: 0.95, low: 0.85 } });
		const expected = Object.entries(FACTS['fastai_momentum(.95,.85,.95)_pct.25'] ?? {});
		expect(expected.length).toBe(6);
		for (const [share, value] of expected) {
			expect(spec.kind === 'one-cycle' && oneCycleMomentum(spec, Number(share), 1)).toBeCloseTo(value, 12);
		}
	});

	it('is a share of the full rate, whatever the schedule and however short the phase', () => {
		const any = fc.constantFrom<object>(
			{ kind: 'constant', warmUp: 0.3 },
			{ kind: 'cosine', warmUp: 0.2, final: 0.1 },
			{ kind: 'cosine', convention: 'timm', warmUp: 0.5 },
			{ kind: 'linear', start: 0.1, warmUp: 0.9 },
			{ kind: 'one-cycle' },
			{ kind: 'one-cycle', convention: 'torch' },
			{ kind: 'slanted-triangular', peakAt: 0.37 },
			{ kind: 'reduce-on-plateau' },
		);
		fc.assert(
			fc.property(any, fc.integer({ min: 1, max: 60 }), (given, steps) => {
				for (let step = 0; step < steps; step++) {
					const value = factor(schedule(given), step, steps);
					expect(value).toBeGreaterThanOrEqual(0);
					expect(value).toBeLessThanOrEqual(1);
				}
			}),
		);
	});
});

describe('how much of an average stays', () => {
	it('as in timm', () => {
		const expected = Object.entries(FACTS['ema_warmup_timm(gamma1,power2/3,decay.9999)'] ?? {});
		expect(expected.length).toBe(6);
		for (const [update, value] of expected) {
			expect(emaDecay({ decay: 0.9999, warmUp: 'timm' }, Number(update) - 1)).toBeCloseTo(value, 12);
		}
	});

	it('as in TensorFlow', () => {
		const expected = Object.entries(FACTS['ema_bias_corrected_tf(num_updates)'] ?? {});
		expect(expected.length).toBe(5);
		for (const [update, value] of expected) {
			expect(emaDecay({ decay: 0.999, warmUp: 'tensorflow' }, Number(update))).toBeCloseTo(value, 12);
		}
	});

	it('as in Keras, which begins with the first weights', () => {
		expect([0, 1, 50].map((update) => emaDecay({ decay: 0.99, warmUp: 'none' }, update))).toEqual([0, 0.99, 0.99]);
	});
});
