import type { Architecture, LayerSpec, Padding } from './architecture.js';
import { conv, pooledPredictions } from './convolution-blocks.js';

/** One convolution of a branch. */
type Step = readonly [filters: number, rows: number, columns: number];

interface Branch {
	readonly steps: readonly Step[];
	/** Convolutions side by side at its end, which are joined under this name. */
	readonly fork?: { readonly name: string; readonly steps: readonly Step[] };
}

interface Mixed {
	readonly name: string;
	readonly branches: readonly Branch[];
	/** Filters behind the average-pool; null: the block halves the image, and its pool is a max-pool without filters. */
	readonly pool: number | null;
}

const branch = (...steps: readonly Step[]): Branch => ({ steps });

/** Szegedy et al. 2015, Figures 5 to 7 and Table 1; after the stem, block by block. */
const BLOCKS: readonly Mixed[] = [
	...[32, 64, 64].map((pool, index) => figure5(`mixed${index}`, pool)),
	{ name: 'mixed3', branches: [branch([384, 3, 3]), branch([64, 1, 1], [96, 3, 3], [96, 3, 3])], pool: null },
	...[128, 160, 160, 192].map((filters, index) => figure6(`mixed${index + 4}`, filters)),
	{
		name: 'mixed8',
		branches: [branch([192, 1, 1], [320, 3, 3]), branch([192, 1, 1], [192, 1, 7], [192, 7, 1], [192, 3, 3])],
		pool: null,
	},
	figure7('mixed9', 'mixed9_0', 'concatenate'),
	figure7('mixed10', 'mixed9_1', 'concatenate_1'),
];

function figure5(name: string, pool: number): Mixed {
	const double = branch([64, 1, 1], [96, 3, 3], [96, 3, 3]);
	return { name, branches: [branch([64, 1, 1]), branch([48, 1, 1], [64, 5, 5]), double], pool };
}

/** Each 7 x 7 convolution as 1 x 7 and 7 x 1. */
function figure6(name: string, n: number): Mixed {
	const single = branch([n, 1, 1], [n, 1, 7], [192, 7, 1]);
	const double = branch([n, 1, 1], [n, 7, 1], [n, 1, 7], [n, 7, 1], [192, 1, 7]);
	return { name, branches: [branch([192, 1, 1]), single, double], pool: 192 };
}

/** The widest blocks: 1 x 3 and 3 x 1 side by side. */
function figure7(name: string, first: string, second: string): Mixed {
	const steps: readonly Step[] = [
		[384, 1, 3],
		[384, 3, 1],
	];
	const single = { ...branch([384, 1, 1]), fork: { name: first, steps } };
	const double = { ...branch([448, 1, 1], [384, 3, 3]), fork: { name: second, steps } };
	return { name, branches: [branch([320, 1, 1]), single, double], pool: 192 };
}

/** Keras names layers by their kind and the order in which they are made: conv2d, conv2d_1, … */
function namer(): (kind: string) => string {
	const made = new Map<string, number>();
	return (kind) => {
		const count = made.get(kind) ?? 0;
		made.set(kind, count + 1);
		return count === 0 ? kind : `${kind}_${count}`;
	};
}

interface Place {
	readonly input?: string;
	readonly strides?: number;
	readonly padding?: Padding;
}

function groups(): Architecture['groups'] {
	const next = namer();
	/** Convolution, BatchNorm without gamma, relu. */
	const unit = ([filters, ...kernelSize]: Step, { input, ...place }: Place = {}): LayerSpec[] => [
		conv(next('conv2d'), { filters, kernelSize, ...place, ...(input && { inputs: [input] }) }),
		{ kind: 'batch-norm', name: next('batch_normalization'), epsilon: 1e-3, momentum: 0.99, scale: false },
		{ kind: 'relu', name: next('activation') },
	];
	const halve = (): LayerSpec => ({ kind: 'max-pool', name: next('max_pooling2d'), size: 3, strides: 2 });
	const stem = [
		...unit([32, 3, 3], { strides: 2, padding: 'valid' }),
		...unit([32, 3, 3], { padding: 'valid' }),
		...unit([64, 3, 3]),
		halve(),
		...unit([80, 1, 1], { padding: 'valid' }),
		...unit([192, 3, 3], { padding: 'valid' }),
		halve(),
	];

	const grow = ({ steps, fork }: Branch, input: string, halves: boolean): LayerSpec[] => {
		const layers = steps.flatMap((step, index) =>
			unit(step, {
				...(index === 0 && { input }),
				...(halves && index === steps.length - 1 && { strides: 2, padding: 'valid' }),
			}),
		);
		if (fork === undefined) return layers;
		const sides = fork.steps.map((step) => unit(step, { input: lastOf(layers) }));
		return [...layers, ...sides.flat(), { kind: 'concat', name: fork.name, inputs: sides.map(lastOf) }];
	};
	const mix = ({ name, branches, pool }: Mixed, input: string): LayerSpec[] => {
		const grown = branches.map((one) => grow(one, input, pool === null));
		const pooled: LayerSpec[] =
			pool === null
				? [{ ...halve(), inputs: [input] }]
				: [
						{ kind: 'average-pool', name: next('average_pooling2d'), inputs: [input], ...AVERAGE },
						...unit([pool, 1, 1]),
					];
		const all = [...grown, pooled];
		return [...all.flat(), { kind: 'concat', name, inputs: all.map(lastOf) }];
	};

	let input = lastOf(stem);
	const blocks = BLOCKS.map((block) => {
		const layers = mix(block, input);
		input = block.name;
		return { name: block.name, layers };
	});
	return [{ name: 'stem', layers: stem }, ...blocks];
}

const AVERAGE = { size: 3, strides: 1, padding: 'same' } as const;
const lastOf = (layers: readonly LayerSpec[]): string => layers.at(-1)?.name ?? '';

/** Keras Applications' InceptionV3: its names and numbers, in the order in which it makes its layers. */
export const INCEPTION_V3: Architecture = {
	name: 'inception-v3',
	family: 'inception',
	modality: 'IMAGE',
	canDownload: true,
	defaultInput: [299, 299, 3],
	preprocessing: 'tf',
	groups: groups(),
	top: pooledPredictions('avg_pool'),
};
