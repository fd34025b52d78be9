import type { JsonObject } from '@graft/domain/json';
import type { RunSpec } from '@graft/domain/run';

/** What is known of the run beside its spec. */
export interface RunFacts {
	readonly id: string;
	readonly name: string;
	/** Label of its strategy. */
	readonly strategy: string;
	/** Metrics at its end, by name. */
	readonly metrics: Readonly<Record<string, number>>;
	/** sha256 of its final checkpoint. */
	readonly checkpoint: string;
	readonly source: string | null;
	readonly licence: string | null;
}

/** How inputs become what the network reads: enough to feed it from another program. */
export function preprocessingOf({ backbone, dataset }: RunSpec): JsonObject {
	const shape = [...(dataset.input.shape ?? backbone.input.shape ?? [])];
	if (backbone.input.tokenizer !== null) {
		const tokens = { file: 'tokenizer.json', sha256: backbone.input.tokenizer };
		return { kind: 'text', tokenizer: tokens, rows: ['ids', 'mask', 'segments'], length: shape.at(-1) ?? null };
	}
	if (shape.length !== 3) return { kind: 'numbers', shape };
	const size = { kind: 'image', shape, layout: 'height, width, channels' };
	if (dataset.format === 'csv-image') return { ...size, pixels: `x / ${dataset.options.scale ?? 255}` };
	const { preprocessing: own = 'backbone' } = dataset.options;
	const mode = own === 'backbone' ? (backbone.input.preprocessing ?? 'unit') : own;
	return { ...size, mode, pixels: PIXELS[String(mode)] ?? String(mode) };
}

/** What is done to pixels of 0 to 255, RGB. */
const PIXELS: Readonly<Record<string, string>> = {
	unit: 'x / 255',
	none: 'x',
	tf: 'x / 127.5 - 1',
	caffe: 'BGR, less 103.939, 116.779, 123.68',
	torch: '(x / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]',
};

/** Everything about an export that a program may ask for: graft.json. */
export function provenance(
	spec: RunSpec,
	facts: RunFacts,
	output: string,
	files: readonly { readonly name: string; readonly sha256: string }[],
): JsonObject {
	const { backbone, dataset, strategy, plan, head, seed, epochs } = spec;
	return {
		run: { id: facts.id, name: facts.name, seed, epochs, checkpoint: facts.checkpoint },
		backbone: {
			...{ name: backbone.name, architecture: backbone.architecture, weights: backbone.weightsDigest },
			...{ source: facts.source, licence: facts.licence },
		},
		data: { name: dataset.name, version: dataset.version, uri: dataset.uri, task: dataset.task },
		labels: dataset.classes === null ? null : [...dataset.classes],
		output,
		preprocessing: preprocessingOf(spec),
		strategy: { label: facts.strategy, kind: strategy.kind },
		head: { ...head } as unknown as JsonObject,
		plan: {
			trainableParameters: plan.trainableParameters,
			frozenParameters: plan.frozenParameters,
			phases: plan.phases.map(({ epochs: count, groups }) => ({
				epochs: count,
				groups: Object.fromEntries(groups.map(({ group, trains }) => [group, trains])),
			})),
		},
		metrics: { ...facts.metrics },
		files: Object.fromEntries(files.map(({ name, sha256 }) => [name, sha256])),
	};
}
