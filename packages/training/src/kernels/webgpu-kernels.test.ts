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
