import { GraftError } from '@graft/domain/error';
import { describe, expect, it } from 'vitest';
import { classifyFailure } from './classify-failure.js';

const system = (code: string) => Object.assign(new Error(`${code}: no space left on device`), { code });

describe('classifyFailure', () => {
	it.each([
		[new GraftError('DIVERGED', 'The loss is NaN at step 12.'), 'fail', 'DIVERGED', false],
		[new GraftError('DATA', 'The data have changed.'), 'fail', 'DATA', false],
		[new GraftError('PLAN_VIOLATED', 'block1 moved.'), 'fail', 'PLAN_VIOLATED', false],
		[new TypeError('x is not a function'), 'fail', 'BUG', false],
		['a thrown text', 'fail', 'BUG', false],
		[new RangeError('Array buffer allocation failed'), 'fail', 'OUT_OF_MEMORY', true],
		[new Error('memory access out of bounds'), 'fail', 'OUT_OF_MEMORY', true],
		[new Error('OOM when allocating tensor with shape[8,56,56,64]'), 'fail', 'OUT_OF_MEMORY', true],
	])('%s fails the run as its kind', (error, kind, failure, endsProcess) => {
		expect(classifyFailure(error)).toMatchObject({
			kind,
			failure: { kind: failure, retryable: endsProcess },
			endsProcess,
		});
	});

	it.each([
		[new GraftError('SHUTDOWN', 'The trainer was asked to stop.'), false],
		[new GraftError('UNAVAILABLE', 'The API is away.'), true],
		[system('ENOSPC'), true],
	])('%s hands the run back', (error, troubled) => {
		expect(classifyFailure(error)).toEqual({ kind: 'hand-back', reason: error.message, troubled });
	});

	it('cancels what was cancelled and abandons what is another’s', () => {
		expect(classifyFailure(new GraftError('CANCELLED', 'The run was cancelled.'))).toEqual({ kind: 'cancel' });
		expect(classifyFailure(new GraftError('LEASE_LOST', 'gone'))).toEqual({ kind: 'abandon', reason: 'gone' });
	});
});
