import type { Group } from 'h5wasm/node';
import { type Hdf5, openHdf5 } from './hdf5-file.js';
import { brokenFile, type FileTensor, type WeightFile } from './weight-file.js';

/** Deeper than models within models go. */
const MAX_DEPTH = 16;

/** Weights that Keras saved as HDF5, of any of its three layouts: the file itself says which. */
export async function openKerasHdf5(file: string): Promise<WeightFile> {
	const hdf5 = await openHdf5(file);
	try {
		for (const [place, format] of [
			['/', 'a Keras weight file (.h5)'],
			['/model_weights', 'a Keras model (.h5)'],
		] as const) {
			const group = hdf5.group(place);
			const layers = group && hdf5.texts(group, 'layer_names');
			if (layers) return weightFile(format, hdf5, legacyTensors(hdf5, place, layers));
		}
		const root = hdf5.group('/');
		if (root?.keys().includes('layers')) {
			return weightFile('Keras 3 weights (.weights.h5)', hdf5, currentTensors(hdf5, '/layers', 0));
		}
		throw brokenFile('It has neither layer_names nor layers, so Keras did not write it', file);
	} catch (error) {
		await hdf5.close();
		throw error;
	}
}

const weightFile = (format: string, hdf5: Hdf5, tensors: readonly FileTensor[]): WeightFile => ({
	...{ format, naming: 'keras', tensors },
	close: () => hdf5.close(),
});

/** By the attributes `layer_names` and `weight_names`; a name with slashes is a place in nested groups. */
function legacyTensors(hdf5: Hdf5, place: string, layers: readonly string[]): FileTensor[] {
	return layers.flatMap((layer) => {
		const group = hdf5.group(`${place}/${layer}`);
		const names = group && hdf5.texts(group, 'weight_names');
		if (!names) throw brokenFile(`It lists layer ${layer}, but not the weights of it`, hdf5.file);
		const positions = new Map<string, number>();
		return names.map((name): FileTensor => {
			// The weights of a model within the model stand under the names of its own layers.
			const own = name.split('/').at(-2) ?? layer;
			const owner = isNested(names) ? own : layer;
			const position = positions.get(owner) ?? 0;
			positions.set(owner, position + 1);
			return { name, layer: owner, position, ...hdf5.dataset(`${place}/${layer}/${name}`) };
		});
	});
}

const isNested = (names: readonly string[]): boolean => new Set(names.map((name) => name.split('/').at(-2))).size > 1;

/** Group by group; `vars` bears the layer's name, and older files only its class and number. */
function currentTensors(hdf5: Hdf5, place: string, depth: number): FileTensor[] {
	if (depth > MAX_DEPTH) throw brokenFile(`Its groups are nested deeper than ${MAX_DEPTH}`, hdf5.file);
	const group = hdf5.group(place);
	if (group === null) return [];
	return inOrder(group.keys()).flatMap((key) => {
		const vars = hdf5.group(`${place}/${key}/vars`);
		const inner = hdf5.group(`${place}/${key}/layers`);
		return [
			...(vars === null ? [] : variables(hdf5, vars, `${place}/${key}/vars`, key)),
			...(inner === null ? [] : currentTensors(hdf5, `${place}/${key}/layers`, depth + 1)),
		];
	});
}

function variables(hdf5: Hdf5, vars: Group, place: string, key: string): FileTensor[] {
	const [layer = key] = hdf5.texts(vars, 'name') ?? [];
	return inOrder(vars.keys()).map((variable, position) => {
		return { name: `${layer}/${variable}`, layer, position, ...hdf5.dataset(`${place}/${variable}`) };
	});
}

/** `conv2d` before `conv2d_2` before `conv2d_10`. */
function inOrder(keys: readonly string[]): string[] {
	const parts = (key: string) => {
		const [, name = key, number] = /^(.*?)_?(\d+)$/.exec(key) ?? [];
		return [name, number === undefined ? -1 : Number(number)] as const;
	};
	return [...keys].sort((a, b) => {
		const [[one, first], [other, second]] = [parts(a), parts(b)];
		return one === other ? first - second : one < other ? -1 : 1;
	});
}
