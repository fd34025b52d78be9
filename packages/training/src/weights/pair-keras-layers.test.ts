import { findArchitecture, kerasOrder, summarizeBackbone } from '@graft/domain/architecture';
import { expect, it } from 'vitest';
import { pairKerasLayers } from './pair-keras-layers.js';

const inception = findArchitecture('inception-v3');
const { layers } = summarizeBackbone(inception ?? fail(), [299, 299, 3]).network;
const names = kerasOrder(layers, ({ layer }) => layer.name)
	.filter(({ weights }) => weights.length > 0)
	.map(({ layer }) => layer.name);
const self = new Map(names.map((name) => [name, name]));

function fail(): never {
	throw new Error('inception-v3 is not in the catalogue');
}

it('pairs InceptionV3 by its names, in whatever order a file lists them', () => {
	expect(pairKerasLayers(layers, names)).toEqual(self);
	expect(pairKerasLayers(layers, [...names].reverse())).toEqual(self);
});

it('pairs InceptionV3 of a later session, whose numbers go on, in the order of the model', () => {
	const later = (name: string) => name.replace(/(?:_(\d+))?$/, (_, number) => `_${Number(number ?? 0) + 7}`);
	const pairs = pairKerasLayers(layers, names.map(later));
	expect(new Map([...pairs].map(([ours, theirs]) => [ours, theirs]))).toEqual(
		new Map(names.map((name) => [name, later(name)])),
	);
});

it('pairs nothing by order where a file has another number of such layers', () => {
	const fewer = names.filter((name) => name !== 'conv2d_93').map((name) => `${name.split('_').slice(0, 1)}_x`);
	expect(pairKerasLayers(layers, fewer).size).toBe(0);
});
