import fc from 'fast-check';
import { expect, it } from 'vitest';
import { continueSpec, launchedSpec, type RunSpec } from './index.js';

const spec = {
	epochs: 3,
	plan: { phases: [1, 2].map((epochs, index) => ({ index, epochs, groups: [] })) },
} as unknown as RunSpec;

it('adds a phase like the last one', () => {
	const { epochs, plan, continuations } = continueSpec(spec, 5);
	expect({ epochs, continuations }).toEqual({ epochs: 8, continuations: 1 });
	expect(plan.phases).toEqual([...spec.plan.phases, { ...spec.plan.phases[1], index: 2, epochs: 5 }]);
});

it('knows what was launched, however often it is continued', () => {
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 6 }), (added) => {
			const continued = added.reduce(continueSpec, spec);
			expect(continued.plan.phases.reduce((sum, phase) => sum + phase.epochs, 0)).toBe(continued.epochs);
			expect(launchedSpec(continued)).toEqual(spec);
		}),
	);
});
