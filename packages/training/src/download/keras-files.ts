import type { Checksum } from './download-file.js';

export interface PublishedFile {
	/** Below the host's address. */
	readonly path: string;
	/** Keras publishes none for MobileNetV2. */
	readonly checksum: Checksum | null;
}

const KERNELS = 'weights_tf_dim_ordering_tf_kernels';
const md5 = (value: string): Checksum => ({ kind: 'md5', value });

/** Where Keras Applications has its ImageNet weights, by our architectures' names. */
export const KERAS_FILES: Readonly<Record<string, PublishedFile>> = {
	vgg16: {
		path: `vgg16/vgg16_${KERNELS}_notop.h5`,
		checksum: md5('6d6bbae143d832006294945121d1f1fc'),
	},
	'vgg16-top': { path: `vgg16/vgg16_${KERNELS}.h5`, checksum: md5('64373286793e3c8b2b4e3219cbf3544b') },
	resnet50: {
		path: `resnet/resnet50_${KERNELS}_notop.h5`,
		checksum: md5('4d473c1dd8becc155b73f8504c6f6626'),
	},
	'resnet50-top': { path: `resnet/resnet50_${KERNELS}.h5`, checksum: md5('2cb95161c43110f7111970584f804107') },
	'inception-v3': {
		path: `inception_v3/inception_v3_${KERNELS}_notop.h5`,
		checksum: md5('bcbd6486424b2319ff4ef7d526e38f63'),
	},
	'inception-v3-top': {
		path: `inception_v3/inception_v3_${KERNELS}.h5`,
		checksum: md5('9a0d58056eeedaa3f26cb7ebd46da564'),
	},
	'mobilenet-v2': { path: `mobilenet_v2/mobilenet_v2_${KERNELS}_1.0_224_no_top.h5`, checksum: null },
	'mobilenet-v2-top': { path: `mobilenet_v2/mobilenet_v2_${KERNELS}_1.0_224.h5`, checksum: null },
};

export const KERAS_HOST = 'https://storage.googleapis.com/tensorflow/keras-applications';
