import type { LayerSummary } from './architecture.js';

/**
 * The layers in the order of a Keras functional model, in which its weight files list them: from the input on by their
 * distance to the output, and at one distance as a walk back from the output meets them first.
 */
export function kerasOrder<Layer extends Pick<LayerSummary, 'layer' | 'inputs'>>(layers: readonly Layer[]): Layer[] {
	const byName = new Map(layers.map((one) => [one.layer.name, one]));
	const met = new Map<string, number>();
	const finished: Layer[] = [];
	const walk = (one: Layer): void => {
		if (met.has(one.layer.name)) return;
		met.set(one.layer.name, met.size);
		for (const source of sourcesOf(one)) walk(source);
		finished.push(one);
	};
	const sourcesOf = ({ inputs }: Layer) => inputs.flatMap((name) => byName.get(name) ?? []);
	const last = layers.at(-1);
	if (last !== undefined) walk(last);
	const depths = new Map<string, number>();
	for (const one of finished.reverse()) {
		const depth = depths.get(one.layer.name) ?? 0;
		depths.set(one.layer.name, depth);
		for (const { layer } of sourcesOf(one)) depths.set(layer.name, Math.max(depth + 1, depths.get(layer.name) ?? 0));
	}
	const key = ({ layer }: Layer) => [depths.get(layer.name) ?? 0, met.get(layer.name) ?? 0] as const;
	return finished.sort((a, b) => key(b)[0] - key(a)[0] || key(a)[1] - key(b)[1]);
}
