import { type GradConfig, registerGradient } from '@tensorflow/tfjs-core';
import { relu6Gradient, softmaxGradient, tanhGradient } from './activation-gradients.js';
import { averagePoolGradient, conv2dGradient, depthwiseGradient, maxPoolGradient } from './convolution-gradients.js';
import { addGradient, multiplyGradient, reluGradient, reshapeGradient } from './elementwise-gradients.js';
import { matMulGradient } from './matmul-gradient.js';
import { maxGradient, meanGradient } from './reduction-gradients.js';
import {
	castGradient,
	concatGradient,
	gatherGradient,
	padGradient,
	sliceGradient,
	transposeGradient,
} from './shape-gradients.js';

const GRADIENTS: readonly GradConfig[] = [
	addGradient,
	averagePoolGradient,
	castGradient,
	concatGradient,
	conv2dGradient,
	depthwiseGradient,
	gatherGradient,
	matMulGradient,
	maxGradient,
	maxPoolGradient,
	meanGradient,
	multiplyGradient,
	padGradient,
	relu6Gradient,
	reluGradient,
	reshapeGradient,
	sliceGradient,
	softmaxGradient,
	tanhGradient,
	transposeGradient,
];

/**
 * Gradients of the operations that the layers are made of. tfjs-core's own come only with the bundle for browsers;
 * each of these is checked against differences of the function in gradients.test.ts. Those of a native package that
 * was loaded before are replaced, so that every back end runs the same ones.
 */
export function registerGradients(): void {
	for (const gradient of GRADIENTS) registerGradient(gradient);
}
