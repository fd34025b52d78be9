import type { LayerSummary } from '../architecture/index.js';
import type { TensorPlace } from './header.js';

/** Why a file of weights is not one of these layers; names and what is wrong with them. */
export interface WeightMisfit {
	readonly missing: readonly string[];
	/** Of another shape or type: with both. */
	readonly wrong: readonly string[];
	/** Of no layer. */
	readonly extra: readonly string[];
}

const BACKBONE = 'backbone/';
const HEAD = 'head/';
/** Low-rank factors of an earlier run, which its kernels hold already. */
const FACTORS = /\/lora_[ab]$/;

/**
 * Whether the tensors of a file are the weights of a backbone's layers (`backbone/<layer>/<variable>`, F32), as a run's
 * checkpoint has them beside those of its head; null where they are.
 */
export function fitWeights(
	layers: readonly LayerSummary[],
	places: ReadonlyMap<string, Pick<TensorPlace, 'dtype' | 'shape'>>,
): WeightMisfit | null {
	const missing: string[] = [];
	const wrong: string[] = [];
	const own = new Set<string>();
	for (const { name, shape } of layers.flatMap(({ weights }) => weights)) {
		const place = places.get(`${BACKBONE}${name}`);
		own.add(`${BACKBONE}${name}`);
		const wanted = `F32 ${shape.join(' x ')}`;
		const found = place && `${place.dtype} ${place.shape.join(' x ')}`;
		if (found === undefined) missing.push(`${BACKBONE}${name}`);
		else if (found !== wanted) wrong.push(`${BACKBONE}${name} (${found}, not ${wanted})`);
	}
	const extra = [...places.keys()].filter((name) => !own.has(name) && !name.startsWith(HEAD) && !FACTORS.test(name));
	return missing.length + wrong.length + extra.length === 0 ? null : { missing, wrong, extra };
}

/** Names that are told of each kind; the rest is counted. */
const NAMED = 5;

export function misfitMessage(architecture: string, { missing, wrong, extra }: WeightMisfit): string {
	const parts = Object.entries({ missing, 'of another shape or type': wrong, 'of no layer': extra }).flatMap(
		([what, names]) => {
			if (names.length === 0) return [];
			const more = names.length > NAMED ? ', …' : '';
			return [`${names.length} ${what} (${names.slice(0, NAMED).join(', ')}${more})`];
		},
	);
	return `The tensors of this file are not those of ${architecture}: ${parts.join('; ')}.`;
}
