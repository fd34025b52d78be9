import { summarizeBackbone, summarizeHead, transformerEncoder } from '@graft/domain/architecture';
import { assembleNetwork, type Network } from '../network/network.js';

/** The network of the vectors: two blocks of 16 features over 32 tokens, texts of 6 tokens. */
export function tinyBert(labels: number): Network {
	const architecture = transformerEncoder({
		...{ name: 'tiny-bert', vocabulary: 32, positions: 16, segments: 2, hidden: 16, layers: 2, heads: 4 },
		...{ feedForward: 32, dropout: 0.1, defaultLength: 6, canDownload: false },
	});
	const body = summarizeBackbone(architecture, architecture.defaultInput).network;
	const top = summarizeHead({ pooling: 'average', hidden: [], dropout: 0.1 }, body.outputShape, labels).network;
	return assembleNetwork(body, top, architecture.defaultInput);
}
