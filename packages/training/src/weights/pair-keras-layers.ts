import { kerasOrder, type LayerSummary } from '@graft/domain/architecture';

/** A name that Keras made up: of the layer's class, and how many of it there had been. */
const AUTOMATIC = /^(conv2d|depthwise_conv2d|batch_normalization|dense)(?:_\d+)?$/;

/**
 * Which layer of a Keras file is which of ours, by name. Names that Keras made up differ from session to session: where
 * ours are not all there, such layers are paired as Keras itself does it, in the order of the model, class by class.
 */
export function pairKerasLayers(
	layers: readonly LayerSummary[],
	fileLayers: readonly string[],
): ReadonlyMap<string, string> {
	const weighted = kerasOrder(layers, ({ layer }) => layer.name).filter(({ weights }) => weights.length > 0);
	const ours = weighted.map(({ layer }) => layer.name);
	const there = new Set(fileLayers);
	const pairs = new Map(ours.filter((name) => there.has(name)).map((name) => [name, name]));
	if (pairs.size === ours.length) return pairs;
	for (const [kind, names] of byKind(ours)) {
		const found = byKind(fileLayers).get(kind) ?? [];
		if (found.length !== names.length) continue;
		for (const [index, name] of names.entries()) pairs.set(name, found[index] ?? name);
	}
	return pairs;
}

function byKind(names: readonly string[]): Map<string, string[]> {
	const kinds = new Map<string, string[]>();
	for (const name of names) {
		const kind = AUTOMATIC.exec(name)?.[1];
		if (kind !== undefined) kinds.set(kind, [...(kinds.get(kind) ?? []), name]);
	}
	return kinds;
}
