import { findArchitecture } from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import type { DatasetAccess } from '../dataset/index.js';
import type { Network } from '../network/network.js';
import { parseTokenizer } from '../tokenizer/index.js';
import type { TrainRequest } from './train-request.js';

/** What this machine gives to reading, and what the backbone says about how its data are read. @throws GraftError DATA where texts have no tokenizer. */
export function accessOf(request: TrainRequest, network: Network): Partial<DatasetAccess> {
	const { spec, tokenizer = null, access = {} } = request;
	const { architecture, name, input } = spec.backbone;
	if (findArchitecture(architecture)?.modality !== 'TEXT') return { ...access, preprocessing: input.preprocessing };
	if (tokenizer === null) {
		throw new GraftError('DATA', `The backbone ${name} has no tokenizer: nobody knows which tokens its texts have.`);
	}
	return {
		...access,
		tokenizer: parseTokenizer(tokenizer, `The tokenizer of ${name}`),
		length: network.inputShape.at(-1) ?? null,
	};
}
