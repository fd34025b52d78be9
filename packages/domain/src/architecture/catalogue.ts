import type { Architecture } from './architecture.js';
import { BERT_BASE } from './bert.js';
import { DISTILBERT_BASE } from './distilbert.js';
import { GPT2 } from './gpt2.js';
import { INCEPTION_V3 } from './inception-v3.js';
import { MOBILENET_V2 } from './mobilenet-v2.js';
import { RESNET50 } from './resnet50.js';
import { sizedArchitecture } from './sized-architecture.js';
import { SMALL_CNN } from './small-cnn.js';
import { SMALL_MLP } from './small-mlp.js';
import { SMALL_TRANSFORMER } from './small-transformer.js';
import { VGG16 } from './vgg16.js';
import { withTop } from './with-top.js';

/** Every architecture that has a name of its own. */
export const ARCHITECTURES: readonly Architecture[] = [
	SMALL_CNN,
	SMALL_MLP,
	...[VGG16, RESNET50, INCEPTION_V3, MOBILENET_V2].flatMap((one) => [one, withTop(one)]),
	SMALL_TRANSFORMER,
	BERT_BASE,
	DISTILBERT_BASE,
	GPT2,
];

/** By its name in the catalogue, or by one that says its size: `bert-L2-H128-A2-F512-V30522-P512`. */
export function findArchitecture(name: string): Architecture | null {
	return ARCHITECTURES.find((architecture) => architecture.name === name) ?? sizedArchitecture(name);
}
