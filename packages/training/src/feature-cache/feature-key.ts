import { createHash } from 'node:crypto';
import { canonicalJson } from '@graft/domain/json';
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
	/** Positions in the split; null: all of it. */
	readonly rows: readonly number[] | null;
}

/** The name of a matrix of activations: equal for equal content, whoever computes it. */
export function featureKey({ trunk, dataset, rows, ...rest }: FeatureSource): string {
	const { version, input } = dataset;
	const ids = rows && [...rows].sort((a, b) => a - b);
	return sha256(canonicalJson({ format: FORMAT, ...rest, trunk, version, input, rows: ids }));
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
