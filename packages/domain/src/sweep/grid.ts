import { GraftError } from '../error/index.js';
import type { Json } from '../json/index.js';
import type { SweepParameter, SweepSpace, TrialOverrides } from './sweep.js';

/** Trials of the whole grid. */
export function gridSize(space: SweepSpace): number {
	return space.parameters.reduce((product, parameter) => product * gridValues(parameter).length, 1);
}

/** Trial `index` of the grid, counted with the last parameter fastest. */
export function gridTrial(space: SweepSpace, index: number): TrialOverrides {
	const chosen: [string, Json][] = [];
	let rest = index;
	for (const parameter of [...space.parameters].reverse()) {
		const values = gridValues(parameter);
		chosen.unshift([parameter.path, values[rest % values.length] ?? null]);
		rest = Math.floor(rest / values.length);
	}
	return Object.fromEntries(chosen);
}

/** The values of one parameter; for a range `steps` of them, evenly spaced on its scale, both ends exact. */
export function gridValues(parameter: SweepParameter): readonly Json[] {
	if (parameter.kind === 'values') return parameter.values;
	const { path, min, max, scale, integer, steps } = parameter;
	if (steps === null) throw new GraftError('BUG', `The range of ${path} has no steps, so it has no grid.`);
	const values = Array.from({ length: steps }, (_, step) => {
		if (step === 0) return min;
		if (step === steps - 1) return max;
		const share = step / (steps - 1);
		const value = scale === 'log' ? min * (max / min) ** share : min + share * (max - min);
		return integer ? Math.round(value) : value;
	});
	// A short range of whole numbers has fewer values than steps.
	return [...new Set(values)];
}
