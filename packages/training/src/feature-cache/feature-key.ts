import { createHash } from 'node:crypto';
import { canonicalJson } from '@graft/domain/json';
import type { AugmentationSpec } from '@graft/domain/recipe';
import type { RunSpec } from '@graft/domain/run';
import type { SplitName } from '../dataset/index.js';
import type { HostWeights } from '../network/initial-weights.js';
import type { NetworkLayer } from '../network/network.js';

/** Counts up when the same inputs to the key would give other numbers: another layout of entries, a mended layer. */
const FORMAT = 1;

/** Everything that a trunk's activations are a function of. */
export interface FeatureSource {
	readonly backend: string;
	readonly trunk: readonly NetworkLayer[];
	/** Of `digestWeights` over the trunk's weights. */
	readonly weightsDigest: string;
	/** `version` covers the bytes, how they are read and how they are split; `input` how they are made ready. */
	readonly dataset: Pick<RunSpec['dataset'], 'version' | 'input'>;
	readonly split: SplitName;
	/** How the backbone wanted pixels, where the data set left it to the backbone. */
	readonly preprocessing?: string;
	/** Which fixed copy of the examples it is; missing where they are as they are. */
	readonly copy?: { readonly augmentation: AugmentationSpec; readonly number: number };
	/** Positions in the split; null: all of it. */
	readonly rows: readonly number[] | null;
}

/** The name of a matrix of activations: equal for equal content, whoever computes it. */
export function featureKey({ trunk, dataset, rows, copy, ...rest }: FeatureSource): string {
	const { version, input } = dataset;
	const ids = rows && [...rows].sort((a, b) => a - b);
	// A copy is the same however many there are.
	const seen = copy && { ...copy, augmentation: { ...copy.augmentation, copies: undefined } };
	return sha256(canonicalJson({ format: FORMAT, ...rest, trunk, version, input, rows: ids, copy: seen }));
}

/** One digest for weights, whatever order they come in. */
export function digestWeights(weights: HostWeights): string {
	const hash = createHash('sha256');
	for (const [name, { shape, values }] of [...weights].sort(([a], [b]) => (a < b ? -1 : 1))) {
		hash.update(canonicalJson([name, shape]));
		hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
	}
	return hash.digest('hex');
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
