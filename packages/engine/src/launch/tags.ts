import { type InvalidInput, invalidInput } from '@graft/domain/error';
import { refuseName } from '../context/storable.js';

const MAX_TAGS = 50;

export function refuseTags(tags: readonly string[], field: string): InvalidInput | null {
	if (tags.length > MAX_TAGS) return invalidInput(field, `A run has ${MAX_TAGS} tags at the most.`);
	for (const [index, tag] of tags.entries()) {
		const refused = refuseName(tag, `${field}[${index}]`);
		if (refused !== null) return refused;
	}
	return null;
}
