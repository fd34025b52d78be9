import type { Json } from '../json/index.js';
import { fnv1a, integerBelow, mulberry32 } from '../random/index.js';
import type { SweepParameter, SweepSpace, TrialOverrides } from './sweep.js';

/** Draw `draw` of a random search: each parameter by its own stream, so that a new parameter leaves the others as they were. */
export function randomTrial(space: SweepSpace, seed: number, draw: number): TrialOverrides {
	return Object.fromEntries(
		space.parameters.map((parameter) => [parameter.path, sample(parameter, `${seed}/${draw}/${parameter.path}`)]),
	);
}

function sample(parameter: SweepParameter, name: string): Json {
	const random = mulberry32(fnv1a(name));
	if (parameter.kind === 'values') return parameter.values[integerBelow(random, parameter.values.length)] ?? null;
	const { min, max, scale, integer } = parameter;
	// Whole numbers own half a unit to each side, so that both ends are as likely as the rest.
	const low = integer ? min - 0.5 : min;
	const high = integer ? max + 0.5 : max;
	const u = random();
	const value = scale === 'log' ? low * (high / low) ** u : low + u * (high - low);
	return Math.min(max, Math.max(min, integer ? Math.round(value) : value));
}
