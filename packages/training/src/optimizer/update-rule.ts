import type { OptimizerSpec } from '@graft/domain/run';
import { adam } from './adam.js';
import type { UpdateRule } from './optimizer.js';
import { rmsprop } from './rmsprop.js';
import { sgd } from './sgd.js';

export function updateRule(spec: OptimizerSpec): UpdateRule {
	switch (spec.kind) {
		case 'adam':
		case 'adamw':
			return adam(spec);
		case 'sgd':
			return sgd(spec);
		case 'rmsprop':
			return rmsprop(spec);
	}
}

/** The same optimizer with another momentum (Adam's beta1), as one-cycle has it. */
export function withMomentum(spec: OptimizerSpec, momentum: number): OptimizerSpec {
	return 'beta1' in spec ? { ...spec, beta1: momentum } : { ...spec, momentum };
}
