import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { backendsHere, useBackend } from '../testing/backends-here.js';

describe.each(backendsHere())('casts on %s', (backend) => {
	beforeAll(async () => void (await useBackend(backend)));

	it.each(['bool', 'int32'] as const)('of %s to floats can be moved and summed', async (dtype) => {
		const cells = tf.cast(tf.tensor([1, 0, 1, 1, 0, 1], [2, 3], dtype), 'float32');
		expect([...(await tf.transpose(cells).data())]).toEqual([1, 1, 0, 0, 1, 1]);
		expect([...(await tf.sum(cells, 0).data())]).toEqual([2, 0, 2]);
		expect([...(await cells.data())]).toEqual([1, 0, 1, 1, 0, 1]);
	});

	it('of comparisons, which never left the device', async () => {
		const x = tf.add(tf.tensor([1, 2, 3, 4, 5, 6], [2, 3]), 0);
		const large = tf.cast(tf.greater(x, tf.add(tf.scalar(1), 2)), 'float32');
		expect([...(await tf.transpose(large).data())]).toEqual([0, 1, 0, 1, 0, 1]);
		expect([...(await tf.sum(large, 0).data())]).toEqual([1, 1, 1]);
	});
});

describe.skipIf(process.env.GRAFT_TEST_BACKEND !== 'webgpu')('what a WebGPU device refuses', () => {
	beforeAll(async () => void (await useBackend('webgpu')));

	it('is an error where the numbers are read, and what comes after it is not', async () => {
		const parts = Array.from({ length: 20 }, (_, index) => tf.mul(tf.tensor([index, index]), 1));
		// The stock sum binds more buffers than a program may have.
		await expect(tf.addN(parts).data()).rejects.toMatchObject({
			code: 'BUG',
			message: expect.stringMatching(/^WebGPU refused an operation \(validation\): /),
		});
		expect([...(await tf.add(tf.tensor([1, 2]), tf.tensor([3, 4])).data())]).toEqual([4, 6]);
	});
});
