import { GraftError } from '@graft/domain/error';
import type { RunSpec } from '@graft/domain/run';
import { describe, expect, it } from 'vitest';
import { trainingError } from './training-error.js';

const spec = { batchSize: 64 } as RunSpec;

describe('trainingError', () => {
	it.each([
		new Error('Invalid TF_Status: 8\nMessage: OOM when allocating tensor with shape[8,64]'),
		new RangeError('Array buffer allocation failed'),
		new Error('std::bad_alloc'),
		new GraftError('OUT_OF_MEMORY', 'WebAssembly has no room for a tensor of 8 bytes.'),
	])('names the batch size where memory is full: %s', (error) => {
		expect(trainingError(error, spec)).toMatchObject({
			code: 'OUT_OF_MEMORY',
			message: expect.stringContaining('batches of 64'),
			cause: error,
		});
	});

	it('leaves its own errors, and takes all others for bugs', () => {
		const own = new GraftError('DIVERGED', 'NaN');
		expect(trainingError(own, spec)).toBe(own);
		expect(trainingError(new TypeError('x is not a function'), spec)).toMatchObject({ code: 'BUG' });
	});
});
