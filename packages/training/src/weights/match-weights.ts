import {
	type Architecture,
	huggingFaceTensor,
	type LayerSummary,
	summarizeBackbone,
	type WeightSpec,
} from '@graft/domain/architecture';
import { GraftError } from '@graft/domain/error';
import { pairKerasLayers } from './pair-keras-layers.js';
import type { FileTensor, WeightFile } from './weight-file.js';

/** Where one weight comes from. */
export interface WeightMatch {
	readonly spec: WeightSpec;
	readonly tensor: FileTensor;
	/** The file holds the matrix the other way round. */
	readonly isTransposed: boolean;
}

export interface WeightMatches {
	readonly matches: readonly WeightMatch[];
	/** Tensors that are known to be no part of the backbone: a classifier, a pretraining task, a buffer. */
	readonly leftOut: readonly string[];
}

/**
 * Finds every weight of the architecture in the file. All or nothing.
 * @throws GraftError DATA that lists by name what is missing, what is of another shape, and what nobody asked for.
 */
export function matchWeights(architecture: Architecture, file: WeightFile, ignored: readonly string[]): WeightMatches {
	const { layers } = summarizeBackbone(architecture, architecture.defaultInput).network;
	const find = finderFor(architecture, layers, file);
	const matches: WeightMatch[] = [];
	const missing: string[] = [];
	const wrong: string[] = [];
	const used = new Set<FileTensor>();
	for (const spec of layers.flatMap(({ weights }) => weights)) {
		const { tensor, name, isTransposed = false } = find(spec);
		if (tensor === undefined) {
			missing.push(name);
			continue;
		}
		used.add(tensor);
		const expected = isTransposed ? [...spec.shape].reverse() : spec.shape;
		if (isAlike(expected, tensor.shape)) matches.push({ spec, tensor, isTransposed });
		else wrong.push(`${tensor.name} is ${tensor.shape.join(' x ')} instead of ${expected.join(' x ')}`);
	}
	const besides = besidesOf(architecture);
	const rest = file.tensors.filter((tensor) => !used.has(tensor));
	const isLeftOut = (tensor: FileTensor) => besides(tensor) || ignored.some((pattern) => fits(pattern, tensor.name));
	const leftOut = rest.filter(isLeftOut).map(({ name }) => name);
	const extra = rest.filter((tensor) => !isLeftOut(tensor)).map(({ name }) => name);
	if (missing.length + wrong.length + extra.length === 0) return { matches, leftOut };
	const parts = [list('missing', missing), list('of another shape', wrong), list('not of this architecture', extra)];
	throw new GraftError(
		'DATA',
		`The weights are not those of ${architecture.name}: ${parts.filter(Boolean).join('; ')}.`,
		{ missing, wrong, extra },
	);
}

type Found = { readonly name: string; readonly tensor?: FileTensor | undefined; readonly isTransposed?: boolean };

function finderFor(
	architecture: Architecture,
	layers: readonly LayerSummary[],
	file: WeightFile,
): (spec: WeightSpec) => Found {
	if (file.naming === 'graft') {
		const byName = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
		return ({ name }) => ({ name: `backbone/${name}`, tensor: byName.get(`backbone/${name}`) });
	}
	return file.naming === 'keras' ? kerasFinder(layers, file) : stateDictFinder(architecture, file);
}

/** Within a layer the variables come in the order in which Keras makes them, whatever they are called. */
function kerasFinder(layers: readonly LayerSummary[], { tensors }: WeightFile): (spec: WeightSpec) => Found {
	const pairs = pairKerasLayers(layers, [...new Set(tensors.map(({ layer }) => layer ?? ''))]);
	const places = new Map(tensors.map((tensor) => [`${tensor.layer}/${tensor.position}`, tensor]));
	const found = new Map(
		layers.flatMap(({ layer, weights }) =>
			weights.map(({ name }, position) => [name, places.get(`${pairs.get(layer.name)}/${position}`)] as const),
		),
	);
	return ({ name }) => ({ name, tensor: found.get(name) });
}

function stateDictFinder({ name, huggingFace }: Architecture, file: WeightFile): (spec: WeightSpec) => Found {
	// A model that Hugging Face does not have may still lie in a safetensors file under its own names.
	const byName = new Map(file.tensors.map((tensor) => [tensor.name, tensor]));
	if (huggingFace === undefined) return (spec) => ({ name: spec.name, tensor: byName.get(spec.name) });
	const { model_type: type = huggingFace.modelType } = file.config ?? {};
	if (type !== huggingFace.modelType) {
		const message = `config.json is of a ${String(type)} model, and ${name} is of the type ${huggingFace.modelType}.`;
		throw new GraftError('DATA', message, { type });
	}
	return (spec) => {
		const { name: own, isTransposed } = huggingFaceTensor(spec, huggingFace);
		// Early checkpoints call what LayerNorm learns as Keras does.
		const early = own
			.replace(/(LayerNorm|layer_norm)\.weight$/, '$1.gamma')
			.replace(/(LayerNorm|layer_norm)\.bias$/, '$1.beta');
		const names = [own, early].flatMap((one) => [one, `${huggingFace.prefix}${one}`]);
		return { name: own, tensor: names.map((one) => byName.get(one)).find(Boolean), isTransposed };
	};
}

/** What a file may hold besides: the head of one of our runs, the published classifier, tasks and buffers. */
function besidesOf({ top = [], huggingFace }: Architecture): (tensor: FileTensor) => boolean {
	const classifier = new Set(top.map(({ name }) => name));
	const begins = ['head/', 'head_', ...(huggingFace?.besides ?? [])];
	return ({ name, layer = '' }) => classifier.has(layer) || begins.some((begin) => name.startsWith(begin));
}

/** `fc*` fits every name that begins with fc. */
const fits = (pattern: string, name: string): boolean =>
	pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;

const isAlike = (one: readonly number[], other: readonly number[]): boolean => one.join(' ') === other.join(' ');

const SHOWN = 20;

function list(what: string, names: readonly string[]): string {
	if (names.length === 0) return '';
	const more = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '';
	return `${names.length} ${what} (${names.slice(0, SHOWN).join(', ')}${more})`;
}
