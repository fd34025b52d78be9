import { type GradConfig, registerGradient } from '@tensorflow/tfjs-core';
import { conv2dGradient, maxPoolGradient } from './convolution-gradients.js';
import { addGradient, multiplyGradient, reluGradient, reshapeGradient } from './elementwise-gradients.js';
import { matMulGradient } from './matmul-gradient.js';
import { maxGradient, meanGradient } from './reduction-gradients.js';

const GRADIENTS: readonly GradConfig[] = [
	addGradient,
	conv2dGradient,
	matMulGradient,
	maxGradient,
	maxPoolGradient,
	meanGradient,
	multiplyGradient,
	reluGradient,
	reshapeGradient,
];

/**
 * Gradients of the operations that the layers are made of. tfjs-core's own come only with the bundle for browsers;
 * each of these is checked against differences of the function in gradients.test.ts. Those of a native package that
 * was loaded before are replaced, so that every back end runs the same ones.
 */
export function registerGradients(): void {
	for (const gradient of GRADIENTS) registerGradient(gradient);
}
