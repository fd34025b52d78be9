import type { EmaSpec } from '../recipe/recipe.js';

/** Share of the average that stays at an update, counted from 0. The first update of `timm` and `none` copies the weights. */
export function emaDecay({ decay, warmUp }: EmaSpec, update: number): number {
	switch (warmUp) {
		case 'none':
			return update === 0 ? 0 : decay;
		case 'timm':
			return Math.min(decay, 1 - (1 + update) ** (-2 / 3));
		case 'tensorflow':
			return Math.min(decay, (1 + update) / (10 + update));
	}
}
