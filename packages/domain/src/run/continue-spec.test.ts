import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findArchitecture, summarizeBackbone, summarizeHead } from '../architecture/index.js';
import { planFreeze } from '../freeze-plan/index.js';
import { parseStrategy, type StrategyInput } from '../strategy/index.js';
import { continueSpec, launchedSpec, type RunSpec, whyNotContinued } from './index.js';

const cnn = findArchitecture('small-cnn');
if (cnn === null) throw new Error('small-cnn is gone');
const { layerGroups, network } = summarizeBackbone(cnn, [8, 8, 1]);
const head = summarizeHead({ pooling: 'average', hidden: [], dropout: 0 }, network.outputShape, 4).group;

function specOf(input: StrategyInput, epochs: number): RunSpec {
	const strategy = parseStrategy(input, layerGroups, 'strategy');
	if ('message' in strategy) throw new Error(strategy.message);
	return { epochs, strategy, plan: planFreeze({ strategy, layerGroups, head, epochs }) } as unknown as RunSpec;
}

it('adds a phase like the last one', () => {
	const spec = specOf({ kind: 'LP_FT', epochsPerStage: 2 }, 3);
	const { epochs, plan, continuations } = continueSpec(spec, 5);
	expect({ epochs, continuations }).toEqual({ epochs: 8, continuations: 1 });
	expect(plan.phases).toEqual([...spec.plan.phases, { ...spec.plan.phases[1], index: 2, epochs: 5 }]);
});

it('costs what a run of all the epochs costs', () => {
	const continued = continueSpec(specOf({ kind: 'LP_FT', epochsPerStage: 2 }, 3), 5).plan;
	const whole = specOf({ kind: 'LP_FT', epochsPerStage: 2 }, 8).plan;
	expect(continued.stepCost).toBeCloseTo(whole.stepCost, 6);
	expect(continued.cachedStepCost).toBeCloseTo(whole.cachedStepCost ?? Number.NaN, 6);
});

it('knows what was launched, however often it is continued', () => {
	const strategies = fc.constantFrom<StrategyInput>(
		{ kind: 'FROM_SCRATCH' },
		{ kind: 'FEATURE_EXTRACTION' },
		{ kind: 'LP_FT', epochsPerStage: 2 },
		{ kind: 'GRADUAL_UNFREEZE' },
	);
	const added = fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 6 });
	fc.assert(
		fc.property(strategies, fc.integer({ min: 8, max: 60 }), added, (strategy, epochs, more) => {
			const spec = specOf(strategy, epochs);
			const continued = more.reduce(continueSpec, spec);
			expect(continued.plan.phases.reduce((sum, phase) => sum + phase.epochs, 0)).toBe(continued.epochs);
			expect(launchedSpec(continued)).toEqual(spec);
		}),
	);
});

it('refuses strategies that span the run as a whole', () => {
	expect(whyNotContinued(specOf({ kind: 'FREEZE_OUT' }, 8))).toContain('FREEZE_OUT');
	expect(whyNotContinued(specOf({ kind: 'FULL_FINE_TUNE' }, 8))).toBeNull();
});
