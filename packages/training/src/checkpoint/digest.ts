import { createHash } from 'node:crypto';
import { canonicalJson } from '@graft/domain/json';
import { launchedSpec, type RunSpec } from '@graft/domain/run';
import type { HostWeights } from '../network/initial-weights.js';
import type { FloatTensor } from '../safetensors/index.js';

/** sha256 of a text and of tensors: of their names, shapes and bits, in the order of their names. */
export function digestTensors(tensors: ReadonlyMap<string, FloatTensor>, text = ''): string {
	const hash = createHash('sha256').update(text);
	for (const [name, { shape, values }] of [...tensors].sort(([a], [b]) => (a < b ? -1 : 1))) {
		hash.update(`\n${name} ${shape.join('x')}\n`);
		hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
	}
	return hash.digest('hex');
}

export const digestStart = (weights: HostWeights): string => digestTensors(weights);
/** The same for a run however often it was continued: its checkpoints stay its own. */
export const digestSpec = (spec: RunSpec): string =>
	createHash('sha256')
		.update(canonicalJson(launchedSpec(spec)))
		.digest('hex');
