import { findArchitecture } from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import type { DatasetAccess } from '../dataset/index.js';
import type { Network } from '../network/network.js';
import { parseTokenizer } from '../tokenizer/index.js';
import type { TrainRequest } from './train-request.js';

/** What the backbone says about how its data are read. @throws GraftError DATA where texts have no tokenizer. */
export function accessOf({ spec, tokenizer = null }: TrainRequest, network: Network): Partial<DatasetAccess> {
	const { architecture, name } = spec.backbone;
	if (findArchitecture(architecture)?.modality !== 'TEXT') return {};
	if (tokenizer === null) {
		throw new GraftError('DATA', `The backbone ${name} has no tokenizer: nobody knows which tokens its texts have.`);
	}
	return {
		tokenizer: parseTokenizer(tokenizer, `The tokenizer of ${name}`),
		length: network.inputShape.at(-1) ?? null,
	};
}
