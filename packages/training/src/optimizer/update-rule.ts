import type { OptimizerSpec } from '@graft/domain/run';
import { adam } from './adam.js';
import type { UpdateRule } from './optimizer.js';
import { sgd } from './sgd.js';

export function updateRule(spec: OptimizerSpec): UpdateRule {
	return spec.kind === 'adam' ? adam(spec) : sgd(spec);
}
