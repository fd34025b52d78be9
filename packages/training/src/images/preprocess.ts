/**
 * What a network wants of pixels from 0 to 255: `unit` divides by 255; `caffe`, `tf` and `torch` are Keras' (BGR less
 * ImageNet's means; -1 to 1; unit, less its means, by its deviations); `none` leaves them.
 */
export const PREPROCESSINGS = ['unit', 'caffe', 'tf', 'torch', 'none'] as const;
export type Preprocessing = (typeof PREPROCESSINGS)[number];

// keras/src/applications/imagenet_utils.py
const CAFFE_BGR = [103.939, 116.779, 123.68] as const;
const TORCH_MEAN = [0.485, 0.456, 0.406] as const;
const TORCH_DEVIATION = [0.229, 0.224, 0.225] as const;

/** In place. `caffe` and `torch` are for three channels. */
export function preprocess(values: Float32Array, kind: Preprocessing): Float32Array {
	switch (kind) {
		case 'none':
			return values;
		case 'unit':
			return scale(values, 1 / 255, 0);
		case 'tf':
			return scale(values, 1 / 127.5, -1);
		case 'caffe':
			for (let at = 0; at < values.length; at += 3) {
				const [red = 0, green = 0, blue = 0] = [values[at], values[at + 1], values[at + 2]];
				values[at] = blue - CAFFE_BGR[0];
				values[at + 1] = green - CAFFE_BGR[1];
				values[at + 2] = red - CAFFE_BGR[2];
			}
			return values;
		case 'torch':
			for (let at = 0; at < values.length; at++) {
				const channel = (at % 3) as 0 | 1 | 2;
				values[at] = ((values[at] ?? 0) / 255 - TORCH_MEAN[channel]) / TORCH_DEVIATION[channel];
			}
			return values;
	}
}

function scale(values: Float32Array, factor: number, shift: number): Float32Array {
	for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) * factor + shift;
	return values;
}
