import { type InvalidInput, invalidInput } from '../error/index.js';
import type { Json, JsonObject } from '../json/index.js';
import type { SupportedStrategyKind } from './strategy.js';

/** What an option may be, and what it is where nothing is given. */
export type StrategyOption =
	| { readonly kind: 'number'; readonly min: number; readonly max: number; readonly byDefault: number }
	| { readonly kind: 'whole'; readonly min: number; readonly max: number; readonly byDefault: number }
	| { readonly kind: 'choice'; readonly values: readonly string[]; readonly byDefault: string }
	| { readonly kind: 'flag'; readonly byDefault: boolean }
	/** Null: all. */
	| { readonly kind: 'names'; readonly byDefault: null };

const ANY_SIZE = 1e6;
/** Trade-off between the loss on labelled data and the distance of the domains; tllib's default. */
const weight: StrategyOption = { kind: 'number', min: 0, max: ANY_SIZE, byDefault: 1 };

/** Options of the kinds that have some. */
export const STRATEGY_OPTIONS: Readonly<
	Partial<Record<SupportedStrategyKind, Readonly<Record<string, StrategyOption>>>>
> = {
	/** `beta` draws the head towards 0; tllib's default. */
	L2_SP: { beta: { kind: 'number', min: 0, max: ANY_SIZE, byDefault: 0.01 } },
	/** `rankStabilized`: the update counts alpha / sqrt(rank) instead of alpha / rank. `targets`: ends of layer names. */
	LORA: { rankStabilized: { kind: 'flag', byDefault: false }, targets: { kind: 'names', byDefault: null } },
	/** The paper's defaults: t0 = .8 before the cube, rates scaled so that each group moves about as far. */
	FREEZE_OUT: {
		t0: { kind: 'number', min: 0.01, max: 1, byDefault: 0.8 },
		schedule: { kind: 'choice', values: ['cubic', 'squared', 'linear'], byDefault: 'cubic' },
		scaled: { kind: 'flag', byDefault: true },
	},
	DEEP_CORAL: { weight, variant: { kind: 'choice', values: ['paper', 'tllib'], byDefault: 'paper' } },
	MMD: { weight, estimator: { kind: 'choice', values: ['unbiased', 'biased'], byDefault: 'unbiased' } },
	/** `gamma`: how fast the reversed gradient grows; `hidden`: units of both hidden layers of the discriminator (tllib). */
	DANN: {
		weight,
		gamma: { kind: 'number', min: 0, max: ANY_SIZE, byDefault: 10 },
		hidden: { kind: 'whole', min: 1, max: 65_536, byDefault: 1024 },
	},
};

/** The options of a kind, complete. Anything unknown or out of range is refused by name. */
export function parseOptions(kind: SupportedStrategyKind, given: unknown, path: string): JsonObject | InvalidInput {
	const known = STRATEGY_OPTIONS[kind] ?? {};
	const options = given ?? {};
	if (typeof options !== 'object' || Array.isArray(options)) return invalidInput(path, 'Options are an object.');
	const unknown = Object.keys(options).find((name) => !Object.hasOwn(known, name));
	if (unknown !== undefined) {
		const names = Object.keys(known).join(', ') || 'none';
		return invalidInput(`${path}.${unknown}`, `${kind} has no option ${unknown}. It takes ${names}.`);
	}
	const parsed: Record<string, Json> = {};
	for (const [name, option] of Object.entries(known)) {
		const value = (options as Record<string, unknown>)[name] ?? option.byDefault;
		const wrong = refuse(option, value);
		if (wrong !== null) return invalidInput(`${path}.${name}`, `${name} is ${wrong}, not ${JSON.stringify(value)}.`);
		parsed[name] = value as Json;
	}
	return parsed;
}

/** What the option has to be, or null where the value is that. */
function refuse(option: StrategyOption, value: unknown): string | null {
	switch (option.kind) {
		case 'number':
		case 'whole': {
			const isNumber = typeof value === 'number' && (option.kind === 'number' || Number.isSafeInteger(value));
			if (isNumber && value >= option.min && value <= option.max) return null;
			return `a ${option.kind === 'whole' ? 'whole ' : ''}number from ${option.min} to ${option.max}`;
		}
		case 'choice':
			return option.values.includes(value as string) ? null : option.values.join(' or ');
		case 'flag':
			return typeof value === 'boolean' ? null : 'true or false';
		case 'names': {
			const isList = Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string' && one);
			return value === null || isList ? null : 'a list of names';
		}
	}
}
