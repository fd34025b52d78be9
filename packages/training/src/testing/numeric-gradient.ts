import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';

/** Half the distance between the two points whose difference stands for the slope; right for float32 near 1. */
const STEP = 1e-2;

/**
 * Compares the gradient of `loss` by each of `at` with central differences of `loss` itself, number by number. The
 * gradient comes from the chosen back end, and so do the differences.
 */
export async function expectGradient(loss: (...xs: tf.Tensor[]) => tf.Tensor, at: readonly tf.Tensor[]): Promise<void> {
	const { grads } = tf.engine().gradients(() => loss(...at), [...at]);
	for (const [which, x] of at.entries()) {
		const values = await x.data();
		const slopes: number[] = [];
		for (let index = 0; index < values.length; index++) {
			const sides: number[] = [];
			for (const move of [STEP, -STEP]) {
				const moved = Float32Array.from(values);
				moved[index] = (moved[index] ?? 0) + move;
				const others = at.map((other, position) => (position === which ? tf.tensor(moved, x.shape) : other));
				sides.push((await loss(...others).data())[0] ?? Number.NaN);
			}
			slopes.push(((sides[0] ?? 0) - (sides[1] ?? 0)) / (2 * STEP));
		}
		const exact = await (grads[which] as tf.Tensor).data();
		expect(grads[which]?.shape).toEqual(x.shape);
		expectClose(exact, slopes, 5e-3);
	}
}

/** Number by number within `tolerance` of the larger of the expected number and 1. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
	expect(actual.length).toBe(expected.length);
	for (let index = 0; index < actual.length; index++) {
		const [one, other] = [actual[index] ?? Number.NaN, expected[index] ?? Number.NaN];
		if (!(Math.abs(one - other) <= tolerance * Math.max(1, Math.abs(other)))) {
			expect.fail(`number ${index} is ${one}, expected ${other}`);
		}
	}
}
