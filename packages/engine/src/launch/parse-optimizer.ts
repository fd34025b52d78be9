import { type InvalidInput, invalidInput } from '@graft/domain/error';
import type { OptimizerSpec } from '@graft/domain/run';

/** Keras' defaults. */
const ADAM = { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 } as const;
const SGD = { kind: 'sgd', momentum: 0, nesterov: false } as const;

/** Checks `{kind: adam, beta1?, beta2?, epsilon?}` or `{kind: sgd, momentum?, nesterov?}`; without a kind it is Adam. */
export function parseOptimizer(json: unknown, field = 'optimizer'): OptimizerSpec | InvalidInput {
	if (json !== null && json !== undefined && (typeof json !== 'object' || Array.isArray(json)))
		return invalidInput(field, 'An optimizer is {kind: adam | sgd, …}.');
	const given: Readonly<Record<string, unknown>> = { ...json };
	const kind = given.kind ?? 'adam';
	if (kind !== 'adam' && kind !== 'sgd')
		return invalidInput(`${field}.kind`, `The optimizer is adam or sgd, not ${JSON.stringify(kind)}.`);
	const defaults: Readonly<Record<string, unknown>> = kind === 'adam' ? ADAM : SGD;
	const unknown = Object.keys(given).find((key) => !(key in defaults));
	if (unknown !== undefined)
		return invalidInput(
			`${field}.${unknown}`,
			`${kind} has no ${unknown}; it has ${Object.keys(defaults).slice(1).join(', ')}.`,
		);
	const spec = { ...defaults, ...given, kind } as OptimizerSpec;
	return refuseValues(spec, field) ?? spec;
}

function refuseValues(spec: OptimizerSpec, field: string): InvalidInput | null {
	const rate = (value: unknown) => typeof value === 'number' && value >= 0 && value < 1;
	const wrong = (name: string, rule: string) => invalidInput(`${field}.${name}`, `${name} is ${rule}.`);
	if (spec.kind === 'sgd') {
		if (!rate(spec.momentum)) return wrong('momentum', 'a number from 0 to below 1');
		if (typeof spec.nesterov !== 'boolean') return wrong('nesterov', 'true or false');
		if (spec.nesterov && spec.momentum === 0) return wrong('nesterov', 'of use with a momentum above 0 only');
		return null;
	}
	if (!rate(spec.beta1)) return wrong('beta1', 'a number from 0 to below 1');
	if (!rate(spec.beta2)) return wrong('beta2', 'a number from 0 to below 1');
	if (typeof spec.epsilon !== 'number' || !(spec.epsilon > 0 && spec.epsilon < 1))
		return wrong('epsilon', 'a number above 0 and below 1');
	return null;
}
