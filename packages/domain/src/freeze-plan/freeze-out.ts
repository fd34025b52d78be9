import { GraftError } from '../error/index.js';
import type { Strategy } from '../strategy/strategy.js';

const POWER: Readonly<Record<string, number>> = { cubic: 3, squared: 2, linear: 1 };

/**
 * FreezeOut (Brock et al. 2017): share of the run after which group `position` of `groups` is frozen, with
 * t_i = f(t0 + (1 - t0) i / L). The head stands at i = L and learns to the end.
 */
export function freezesAt({ options }: Strategy, position: number, groups: number): number {
	const { t0, schedule } = options;
	const power = POWER[String(schedule)];
	if (typeof t0 !== 'number' || power === undefined)
		throw new GraftError('BUG', 'FREEZE_OUT came without its options.');
	return (t0 + (1 - t0) * (position / groups)) ** power;
}

/** Rate at the start: scaled by 1 / t_i, so that a group that freezes early moves about as far as one that does not. */
export function freezeOutRate({ options }: Strategy, rate: number, end: number): number {
	return options.scaled === true ? rate / end : rate;
}

/** Cosine annealing of a group to its own end: factor of its rate at the share `done` of the run; 0 from `end` on. */
export function annealedTo(end: number, done: number): number {
	return done >= end ? 0 : 0.5 * (1 + Math.cos((Math.PI * done) / end));
}
