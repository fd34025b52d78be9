import type { LayerGroup } from '../backbone/index.js';
import { type InvalidInput, invalidInput } from '../error/index.js';

/** A layer group by its name or, where no group has that name, by its index from the stem (`0`). */
export function findGroup(
	wanted: unknown,
	layerGroups: readonly LayerGroup[],
	field: string,
): { readonly kind: 'Found'; readonly name: string } | InvalidInput {
	const text = String(wanted);
	const group =
		layerGroups.find((candidate) => candidate.name === text) ??
		(/^\d+$/.test(text) ? layerGroups.find((candidate) => candidate.index === Number(text)) : undefined);
	if (group !== undefined) return { kind: 'Found', name: group.name };
	const hint = text === 'head' ? ' To train the head alone, use FEATURE_EXTRACTION.' : '';
	const names = layerGroups.map(({ name, index }) => `${name} (${index})`).join(', ');
	return invalidInput(
		field,
		`The backbone has no layer group ${text}. From stem to top it has ${names}.${hint}`,
		'UNKNOWN_LAYER_GROUP',
	);
}
