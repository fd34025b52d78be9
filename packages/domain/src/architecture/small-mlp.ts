import type { Architecture, LayerSpec } from './architecture.js';

/** Three dense layers for rows of numbers, as wide as tables of up to a few hundred columns need. */
export const SMALL_MLP: Architecture = {
	name: 'small-mlp',
	family: 'mlp',
	modality: 'TABULAR',
	canDownload: false,
	defaultInput: [8],
	groups: ['block1', 'block2', 'block3'].map((name) => ({ name, layers: block(name, 64) })),
};

function block(name: string, units: number): LayerSpec[] {
	return [
		{ kind: 'dense', name: `${name}_dense`, units },
		{ kind: 'relu', name: `${name}_relu` },
	];
}
