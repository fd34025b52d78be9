import { canonicalJson } from '../json/index.js';
import { gridSize, gridTrial } from './grid.js';
import { randomTrial } from './random-trial.js';
import type { Sweep, TrialOverrides } from './sweep.js';

/** Draws for one new trial before a random search counts as exhausted: only a small space of listed values gets there. */
const DRAWS_PER_TRIAL = 1000;

/**
 * The trials after the first `made`, at most `howMany` and within the budget; fewer when the space is exhausted. Trial i
 * is a function of space, seed and i alone, so that a sweep that was interrupted goes on as if it had not been. Random
 * search never gives the same values twice: a repeated trial has the same seeds and tells nothing new.
 */
export function nextTrials(
	sweep: Pick<Sweep, 'method' | 'space' | 'seed' | 'budget'>,
	made: number,
	howMany: number,
): TrialOverrides[] {
	const end = Math.min(made + howMany, sweep.budget.trials);
	if (sweep.method === 'GRID') {
		const last = Math.min(end, gridSize(sweep.space));
		return Array.from({ length: Math.max(0, last - made) }, (_, i) => gridTrial(sweep.space, made + i));
	}
	return end > made ? distinctDraws(sweep, end).slice(made) : [];
}

function distinctDraws({ space, seed }: Pick<Sweep, 'space' | 'seed'>, count: number): TrialOverrides[] {
	const trials: TrialOverrides[] = [];
	const seen = new Set<string>();
	let inVain = 0;
	for (let draw = 0; trials.length < count && inVain < DRAWS_PER_TRIAL; draw++) {
		const trial = randomTrial(space, seed, draw);
		const key = canonicalJson(trial);
		inVain = seen.has(key) ? inVain + 1 : 0;
		if (inVain > 0) continue;
		seen.add(key);
		trials.push(trial);
	}
	return trials;
}
