import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EarlyStoppingSpec, parseTraining, type ScheduleSpec } from '../recipe/index.js';
import { NO_PLATEAU, NOTHING_SEEN, nextPlateau, nextStopping } from './index.js';

type ReduceOnPlateau = Extract<ScheduleSpec, { kind: 'reduce-on-plateau' }>;

/** Factors after each epoch. */
function factors(given: object, values: readonly number[]): number[] {
	const parsed = parseTraining({ schedule: { kind: 'reduce-on-plateau', ...given } });
	if ('field' in parsed) throw new Error(parsed.message);
	let state = NO_PLATEAU;
	return values.map((value) => {
		state = nextPlateau(parsed.schedule as ReduceOnPlateau, state, value);
		return state.factor;
	});
}

/** Where training stops, from 0, and the epoch that is restored. */
function stops(given: Partial<EarlyStoppingSpec>, values: readonly number[]): [number | null, number | null] {
	const parsed = parseTraining({ earlyStopping: given });
	if ('field' in parsed || parsed.earlyStopping === null) throw new Error('refused');
	let state = NOTHING_SEEN;
	for (const [epoch, value] of values.entries()) {
		const next = nextStopping(parsed.earlyStopping, state, epoch, value);
		state = next.state;
		if (next.stop) return [epoch, state.bestEpoch];
	}
	return [null, state.bestEpoch];
}

describe('reduce on plateau', () => {
	// Followed by hand through on_epoch_end of keras/src/callbacks/reduce_lr_on_plateau.py.
	it.each<[string, object, number[], number[]]>([
		['after so many epochs without improvement', { factor: 0.5, patience: 2 }, [1, 1, 1, 1, 1], [1, 1, 0.5, 0.5, 0.25]],
		['an improvement begins the count anew', { factor: 0.5, patience: 2 }, [1, 1, 0.5, 0.5, 0.5], [1, 1, 1, 1, 0.5]],
		['less than minDelta is none', { factor: 0.5, patience: 1, minDelta: 0.2 }, [1, 0.9, 0.7], [1, 0.5, 0.5]],
		[
			'the cooldown does not count',
			{ factor: 0.5, patience: 1, cooldown: 2 },
			[1, 1, 1, 1, 1, 1],
			[1, 0.5, 0.5, 0.25, 0.25, 0.125],
		],
		['not below the floor', { factor: 0.1, patience: 1, floor: 0.05 }, [1, 1, 1, 1], [1, 0.1, 0.05, 0.05]],
		['accuracies are to rise', { monitor: 'val_accuracy', factor: 0.5, patience: 1 }, [0.5, 0.6, 0.6], [1, 1, 0.5]],
		['NaN is no improvement', { factor: 0.5, patience: 1 }, [1, Number.NaN, 0.5], [1, 0.5, 0.5]],
	])('%s', (_, given, values, expected) => {
		expect(factors(given, values)).toEqual(expected);
	});
});

describe('early stopping', () => {
	// Followed by hand through on_epoch_end of keras/src/callbacks/early_stopping.py.
	it.each<[string, Partial<EarlyStoppingSpec>, number[], [number | null, number | null]]>([
		['stops when patience is at its end, and goes back to the best', { patience: 2 }, [3, 2, 2.5, 2.1], [3, 1]],
		['goes back to the best also where it never stopped', { patience: 5 }, [3, 1, 2], [null, 1]],
		['without patience stops at the first epoch that is no better', {}, [3, 2, 2], [2, 1]],
		['never stops in the first epoch', {}, [Number.NaN, Number.NaN], [1, 0]],
		['does not look at epochs before the start', { startEpoch: 2, patience: 1 }, [1, 1, 5, 6], [3, 2]],
		['wants more than minDelta', { minDelta: 0.5, patience: 2 }, [3, 2.8, 2.6], [2, 0]],
		['accuracies are to rise', { monitor: 'val_accuracy', patience: 1 }, [0.5, 0.7, 0.6], [2, 1]],
	])('%s', (_, given, values, expected) => {
		expect(stops(given, values)).toEqual(expected);
	});

	it('restores the best value that it saw', () => {
		fc.assert(
			fc.property(
				fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 30 }),
				fc.integer({ min: 0, max: 5 }),
				(values, patience) => {
					const [stopped, best] = stops({ patience }, values);
					const seen = values.slice(0, (stopped ?? values.length) + 1);
					expect(values[best ?? -1]).toBe(Math.min(...seen));
					if (stopped !== null) expect(stopped - (best ?? 0)).toBe(Math.max(1, patience));
				},
			),
		);
	});
});
