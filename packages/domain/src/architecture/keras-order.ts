/**
 * The layers in the order of a Keras functional model, in which its weight files list them: from the input on by their
 * distance to the output, and at one distance as a walk back from the output meets them first.
 */
export function kerasOrder<Layer extends { readonly inputs: readonly string[] }>(
	layers: readonly Layer[],
	nameOf: (layer: Layer) => string,
): Layer[] {
	const byName = new Map(layers.map((one) => [nameOf(one), one]));
	const met = new Map<string, number>();
	const finished: Layer[] = [];
	const walk = (one: Layer): void => {
		if (met.has(nameOf(one))) return;
		met.set(nameOf(one), met.size);
		for (const source of sourcesOf(one)) walk(source);
		finished.push(one);
	};
	const sourcesOf = ({ inputs }: Layer) => inputs.flatMap((name) => byName.get(name) ?? []);
	const last = layers.at(-1);
	if (last !== undefined) walk(last);
	const depths = new Map<string, number>();
	for (const one of finished.reverse()) {
		const depth = depths.get(nameOf(one)) ?? 0;
		depths.set(nameOf(one), depth);
		for (const source of sourcesOf(one)) {
			depths.set(nameOf(source), Math.max(depth + 1, depths.get(nameOf(source)) ?? 0));
		}
	}
	const key = (one: Layer) => [depths.get(nameOf(one)) ?? 0, met.get(nameOf(one)) ?? 0] as const;
	return finished.sort((a, b) => key(b)[0] - key(a)[0] || key(a)[1] - key(b)[1]);
}
