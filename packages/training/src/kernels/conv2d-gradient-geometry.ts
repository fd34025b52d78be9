import { backend_util, type TensorInfo } from '@tensorflow/tfjs-core';

type Conv2DInfo = backend_util.Conv2DInfo;
type Padding = 'valid' | 'same' | number | backend_util.ExplicitPadding;

/** Attributes that tfjs-core hands to both gradient kernels of a convolution. */
export interface Conv2DGradientAttributes {
	readonly strides: [number, number] | number;
	readonly pad: Padding;
	readonly dataFormat: 'NHWC' | 'NCHW';
	readonly dimRoundingMode?: 'floor' | 'round' | 'ceil';
}

export type Shape4D = [number, number, number, number];

/** The forward convolution that the gradient belongs to. */
export function convolutionOf(
	inputShape: Shape4D,
	filterShape: Shape4D,
	{ strides, pad, dimRoundingMode, dataFormat }: Conv2DGradientAttributes,
): Conv2DInfo {
	const format = backend_util.convertConv2DDataFormat(dataFormat);
	return backend_util.computeConv2DInfo(inputShape, filterShape, strides, 1, pad, dimRoundingMode, false, format);
}

export const shape4D = (tensor: TensorInfo): Shape4D => tensor.shape as Shape4D;
