import { type InvalidInput, invalidInput } from '@graft/domain/error';
import type { OptimizerSpec } from '@graft/domain/run';

type Values = Readonly<Record<string, unknown>>;

/** Keras' defaults, and torch's where they differ; in the order in which messages name them. */
const KINDS: Readonly<Record<OptimizerSpec['kind'], { readonly keras: Values; readonly torch: Values }>> = {
	adam: adamLike(),
	adamw: adamLike(),
	sgd: { keras: { momentum: 0, nesterov: false }, torch: {} },
	rmsprop: { keras: { rho: 0.9, momentum: 0, epsilon: 1e-7 }, torch: { rho: 0.99, epsilon: 1e-8 } },
};

function adamLike() {
	return { keras: { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 }, torch: { epsilon: 1e-8 } };
}

/**
 * Checks `{kind: adam | adamw, beta1?, beta2?, epsilon?}`, `{kind: sgd, momentum?, nesterov?}` or `{kind: rmsprop, rho?,
 * momentum?, epsilon?}`, each with `convention?: keras | torch`; without a kind it is Adam. Keras' convention is left out
 * of what comes back, as it was before there was another: equal optimizers stay equal.
 */
export function parseOptimizer(json: unknown, field = 'optimizer'): OptimizerSpec | InvalidInput {
	const kinds = Object.keys(KINDS);
	if (json !== null && json !== undefined && (typeof json !== 'object' || Array.isArray(json)))
		return invalidInput(field, `An optimizer is {kind: ${kinds.join(' | ')}, …}.`);
	const { kind = 'adam', convention = 'keras', ...given }: Values = { ...json };
	if (typeof kind !== 'string' || !kinds.includes(kind))
		return invalidInput(`${field}.kind`, `The optimizer is ${kinds.join(', ')}, not ${JSON.stringify(kind)}.`);
	if (convention !== 'keras' && convention !== 'torch')
		return invalidInput(
			`${field}.convention`,
			`The convention of an optimizer is keras or torch, not ${JSON.stringify(convention)}.`,
		);
	const { keras, torch } = KINDS[kind as OptimizerSpec['kind']];
	const unknown = Object.keys(given).find((key) => !(key in keras));
	if (unknown !== undefined)
		return invalidInput(
			`${field}.${unknown}`,
			`${kind} has no ${unknown}; it has ${Object.keys(keras).join(', ')} and convention.`,
		);
	const named = convention === 'torch' ? { convention, ...keras, ...torch } : keras;
	const spec = { kind, ...named, ...given } as OptimizerSpec;
	return refuseValues(spec, field) ?? spec;
}

/** What each field may hold, whichever optimizer it belongs to. */
const isRate = (value: unknown) => typeof value === 'number' && value >= 0 && value < 1;
const RULES: readonly (readonly [field: string, allows: (value: unknown) => boolean, rule: string])[] = [
	['beta1', isRate, 'a number from 0 to below 1'],
	['beta2', isRate, 'a number from 0 to below 1'],
	['rho', isRate, 'a number from 0 to below 1'],
	['momentum', isRate, 'a number from 0 to below 1'],
	['epsilon', (value) => isRate(value) && value !== 0, 'a number above 0 and below 1'],
	['nesterov', (value) => typeof value === 'boolean', 'true or false'],
];

function refuseValues(spec: OptimizerSpec, field: string): InvalidInput | null {
	const values: Values = { ...spec };
	const wrong = (name: string, rule: string) => invalidInput(`${field}.${name}`, `${name} is ${rule}.`);
	for (const [name, allows, rule] of RULES) {
		if (name in values && !allows(values[name])) return wrong(name, rule);
	}
	if (spec.kind === 'sgd' && spec.nesterov && spec.momentum === 0)
		return wrong('nesterov', 'of use with a momentum above 0 only');
	return null;
}
