import { INPUT, type LayerSpec, summarizeLayers } from '@graft/domain/architecture';
import type { Strategy } from '@graft/domain/strategy';
import { type NetworkLayer, networkLayer } from './network-layer.js';

/** Where its weights stand in a run's state; it is no part of the network, and no checkpoint of a result holds it. */
export const DISCRIMINATOR = 'discriminator';

/** torch's epsilon. Its moving statistics are never used: the discriminator only ever sees batches. */
const batchNorm = { kind: 'batch-norm', epsilon: 1e-5, momentum: 0.9 } as const;

/**
 * What tells source features from target features under DANN, as in tllib: two hidden layers with BatchNorm and relu, and
 * one logit. No layers under other strategies.
 */
export function buildDiscriminator({ kind, options }: Strategy, featureShape: readonly number[]): NetworkLayer[] {
	if (kind !== 'DANN') return [];
	const units = Number(options.hidden);
	const layers: LayerSpec[] = [1, 2].flatMap((index): LayerSpec[] => [
		{ kind: 'dense', name: `hidden${index}`, units },
		{ ...batchNorm, name: `hidden${index}_bn` },
		{ kind: 'relu', name: `hidden${index}_relu` },
	]);
	layers.push({ kind: 'dense', name: 'logit', units: 1 });
	const grouped = layers.map((layer) => ({ group: DISCRIMINATOR, layer }));
	return summarizeLayers(grouped, featureShape).map((summary) => networkLayer(DISCRIMINATOR, summary, INPUT));
}
