import type { Architecture } from './architecture.js';
import { BERT_BASE } from './bert.js';
import { INCEPTION_V3 } from './inception-v3.js';
import { MOBILENET_V2 } from './mobilenet-v2.js';
import { RESNET50 } from './resnet50.js';
import { SMALL_CNN } from './small-cnn.js';
import { SMALL_MLP } from './small-mlp.js';
import { SMALL_TRANSFORMER } from './small-transformer.js';
import { VGG16 } from './vgg16.js';

/** Every architecture that the training engine can build. */
export const ARCHITECTURES: readonly Architecture[] = [
	SMALL_CNN,
	SMALL_MLP,
	VGG16,
	RESNET50,
	INCEPTION_V3,
	MOBILENET_V2,
	SMALL_TRANSFORMER,
	BERT_BASE,
];

export function findArchitecture(name: string): Architecture | null {
	return ARCHITECTURES.find((architecture) => architecture.name === name) ?? null;
}
