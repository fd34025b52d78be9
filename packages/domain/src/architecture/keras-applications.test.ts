import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/keras-applications.json' with { type: 'json' };
import { findArchitecture, kerasOrder, summarizeBackbone } from './index.js';

interface Facts {
	readonly parameters: number;
	readonly trainable: number;
	readonly tensors: number;
	/** All but the input. */
	readonly layerNames: string[];
	readonly multiplyAccumulatesWithTop: number;
	/** All numbers, and those that a gradient moves. */
	readonly stages: Record<string, [parameters: number, trainable: number]>;
	/** Shapes of the weights of each layer that has some, in the model's order. */
	readonly layers: Record<string, number[][]>;
	/** With the classifier: all counts, and its own layers. */
	readonly top: Pick<Facts, 'parameters' | 'trainable' | 'tensors' | 'layerNames' | 'layers'>;
}
const facts = vectors as unknown as Record<string, Facts>;

function summaryOf(name: string) {
	const architecture = findArchitecture(name);
	if (architecture === null) throw new Error(`${name} is not in the catalogue`);
	return summarizeBackbone(architecture, architecture.defaultInput);
}
function factsOf(name: string): Facts {
	const found = facts[name];
	if (found === undefined) throw new Error(`no vectors for ${name}`);
	return found;
}

/** Features, and multiply-accumulates of Keras' classifier on top. */
const TOPS: Record<string, readonly [shape: number[], classifier: number]> = {
	vgg16: [[7, 7, 512], 25_088 * 4096 + 4096 * 4096 + 4096 * 1000],
	resnet50: [[7, 7, 2048], 2048 * 1000],
	'inception-v3': [[8, 8, 2048], 2048 * 1000],
	'mobilenet-v2': [[7, 7, 1280], 1280 * 1000],
};

describe.each(Object.keys(TOPS))('%s', (name) => {
	const { network, layerGroups, parameterCount } = summaryOf(name);
	const wanted = factsOf(name);

	it('is Keras Applications, parameter for parameter', () => {
		expect(parameterCount).toBe(wanted.parameters);
		expect(layerGroups.reduce((sum, group) => sum + group.trainableCount, 0)).toBe(wanted.trainable);
		const weighted = network.layers.filter(({ weights }) => weights.length > 0);
		const shapes = weighted.map(({ layer, weights }) => [layer.name, weights.map(({ shape }) => shape)]);
		expect(Object.fromEntries(shapes)).toEqual(wanted.layers);
		expect(shapes).toHaveLength(Object.keys(wanted.layers).length);
		expect(weighted.flatMap(({ weights }) => weights)).toHaveLength(wanted.tensors);
	});

	it('costs what Keras counts, and ends in its shape', () => {
		const [shape, classifier] = TOPS[name] ?? [[], 0];
		expect(network.outputShape).toEqual(shape);
		expect(layerGroups.reduce((sum, group) => sum + group.macs, classifier)).toBe(wanted.multiplyAccumulatesWithTop);
	});
});

/** Keras has no layers of their own for VGG16's activations. */
it.each(['resnet50', 'mobilenet-v2'])('%s has every layer of Keras, in its order', (name) => {
	const names = summaryOf(name).network.layers.map(({ layer }) => layer.name);
	expect(names).toEqual(factsOf(name).layerNames);
});

const nameOf = ({ layer }: { layer: { name: string } }) => layer.name;
it.each(Object.keys(TOPS))("%s' weights come in the order of Keras' files", (name) => {
	const weighted = kerasOrder(summaryOf(name).network.layers, nameOf).filter(({ weights }) => weights.length > 0);
	expect(weighted.map(({ layer }) => layer.name)).toEqual(Object.keys(factsOf(name).layers));
});

it('inception-v3 has every layer of Keras, in the order by depth', () => {
	const names = kerasOrder(summaryOf('inception-v3').network.layers, nameOf).map(({ layer }) => layer.name);
	expect(names).toEqual(factsOf('inception-v3').layerNames);
});

/** Activations are no layers of their own in Keras' classifiers. */
const isOwn = (name: string) => !/_relu$|_softmax$/.test(name);

describe.each(Object.keys(TOPS))('%s with its classifier', (name) => {
	const { network, layerGroups, parameterCount } = summaryOf(`${name}-top`);
	const { top } = factsOf(name);

	it('is Keras Applications, parameter for parameter', () => {
		expect(parameterCount).toBe(top.parameters);
		expect(layerGroups.reduce((sum, group) => sum + group.trainableCount, 0)).toBe(top.trainable);
		expect(network.layers.flatMap(({ weights }) => weights)).toHaveLength(top.tensors);
		expect(network.outputShape).toEqual([1000]);
		const classifier = network.layers.filter(({ group }) => group === 'classifier');
		expect(classifier.map(({ layer }) => layer.name).filter(isOwn)).toEqual(top.layerNames);
		const shapes = classifier
			.filter(({ weights }) => weights.length > 0)
			.map(({ layer, weights }) => [layer.name, weights.map(({ shape }) => shape)]);
		expect(Object.fromEntries(shapes)).toEqual(top.layers);
		expect(layerGroups.reduce((sum, group) => sum + group.macs, 0)).toBe(factsOf(name).multiplyAccumulatesWithTop);
	});
});

describe('freeze points', () => {
	it.each(['vgg16', 'resnet50', 'inception-v3'])('of %s are the stages', (name) => {
		const stages = summaryOf(name).layerGroups.map((group) => [
			group.name,
			[group.parameterCount, group.trainableCount],
		]);
		expect(Object.fromEntries(stages)).toEqual(factsOf(name).stages);
	});

	it('of ResNet50 leave the published number of learning weights', () => {
		const { layerGroups } = summaryOf('resnet50');
		const from = (name: string) => {
			const index = layerGroups.findIndex((group) => group.name === name);
			return layerGroups.slice(index).reduce((sum, group) => sum + group.trainableCount, 0);
		};
		expect(['conv5', 'conv4', 'conv3', 'conv2', 'stem'].map(from)).toEqual([
			14_976_000,
			14_976_000 + 7_108_608,
			14_976_000 + 7_108_608 + 1_223_168,
			23_534_592 - 9_600,
			23_534_592,
		]);
		expect(layerGroups.reduce((sum, group) => sum + group.batchNormCount, 0)).toBe(53_120);
	});

	it('of InceptionV3 know the guide that freezes 249 layers', () => {
		const learning = summaryOf('inception-v3').layerGroups.slice(-2);
		expect(learning.map(({ name }) => name)).toEqual(['mixed9', 'mixed10']);
		expect(learning.reduce((sum, group) => sum + group.trainableCount, 0)).toBe(11_114_880);
	});

	it('of MobileNetV2 are the blocks', () => {
		const { layerGroups } = summaryOf('mobilenet-v2');
		const whole = layerGroups.filter(({ name }) => !name.startsWith('block_11'));
		const { block_11: _, ...stages } = factsOf('mobilenet-v2').stages;
		expect(whole.map((group) => [group.parameterCount, group.trainableCount])).toEqual(Object.values(stages));
		expect(layerGroups.reduce((sum, group) => sum + group.batchNormCount, 0)).toBe(34_112);
	});

	it("of MobileNetV2 know the tutorial's layer 100: 1,862,721 learning numbers in 56 variables with one unit on top", () => {
		const { layerGroups, network } = summaryOf('mobilenet-v2');
		const from = layerGroups.findIndex((group) => group.name === 'block_11');
		const learning = layerGroups.slice(from);
		expect(learning[0]?.layers[0]).toBe('block_11_expand_relu');
		expect(network.layers.findIndex(({ layer }) => layer.name === 'block_11_expand_relu') + 1).toBe(100);
		expect(learning.reduce((sum, group) => sum + group.trainableCount, 0) + 1281).toBe(1_862_721);
		const names = new Set(learning.map((group) => group.name));
		const variables = network.layers
			.filter(({ group }) => names.has(group))
			.flatMap(({ weights }) => weights)
			.filter(({ role }) => role !== 'moving-mean' && role !== 'moving-variance');
		expect(variables.length + 2).toBe(56);
	});
});
