import { type InvalidInput, invalidInput } from '../error/index.js';
import { number, oneOf, parseFields, type Rule, type Rules, wholeNumber } from './parse-fields.js';
import { MONITORS, type ScheduleSpec } from './recipe.js';

type Kind = ScheduleSpec['kind'];
type Of<K extends Kind> = Extract<ScheduleSpec, { kind: K }>;
type Momentum = Of<'one-cycle'>['momentum'];

const share = (otherwise: number): Rule<number> => number(otherwise, 0, 1);
const warmUp = { warmUp: number(0, 0, 1, ')'), start: share(0) };

const isMomentum = (value: unknown): value is number => typeof value === 'number' && value >= 0 && value < 1;
const momentum: Rule<Momentum> = {
	otherwise: null,
	allows: (value) => {
		const { high, low, ...rest } = value as Record<string, unknown>;
		return isMomentum(high) && isMomentum(low) && low <= high && Object.keys(rest).length === 0;
	},
	says: '{high, low}, numbers from 0 to below 1',
};

/** The fields of each kind with their defaults: Hugging Face's, fastai's, ULMFiT's and Keras'. */
const RULES: { readonly [K in Kind]: Rules<Of<K>> } = {
	constant: { kind: oneOf(['constant'], 'constant'), ...warmUp },
	linear: { kind: oneOf(['linear'], 'linear'), ...warmUp, final: share(0) },
	cosine: {
		kind: oneOf(['cosine'], 'cosine'),
		convention: oneOf(['huggingface', 'timm'], 'huggingface'),
		...warmUp,
		final: share(0),
	},
	'one-cycle': {
		kind: oneOf(['one-cycle'], 'one-cycle'),
		convention: oneOf(['fastai', 'torch'], 'fastai'),
		peakAt: number(0.25, 0, 1, '()'),
		startDivisor: number(25, 1, 1e9),
		finalDivisor: number(1e5, 1, 1e12),
		momentum,
	},
	'slanted-triangular': {
		kind: oneOf(['slanted-triangular'], 'slanted-triangular'),
		peakAt: number(0.1, 0, 1, '()'),
		ratio: number(32, 1, 1e9),
	},
	'reduce-on-plateau': {
		kind: oneOf(['reduce-on-plateau'], 'reduce-on-plateau'),
		monitor: oneOf(MONITORS, 'val_loss'),
		factor: number(0.1, 0, 1, '()'),
		patience: wholeNumber(10, 0, 100_000),
		minDelta: number(1e-4, 0, 1e9),
		cooldown: wholeNumber(0, 0, 100_000),
		floor: share(0),
	},
};

/** torch's own defaults where its one-cycle is asked for. */
const TORCH_ONE_CYCLE = { peakAt: 0.3, finalDivisor: 1e4 };

/** Checks `{kind, …}`; every field but the kind has a default. */
export function parseSchedule(json: unknown, field: string): ScheduleSpec | InvalidInput {
	const kinds = Object.keys(RULES) as Kind[];
	if (typeof json !== 'object' || json === null || Array.isArray(json)) {
		return invalidInput(field, `A schedule is {kind: ${kinds.join(' | ')}, …}, not ${JSON.stringify(json)}.`);
	}
	const { kind, ...given } = json as Record<string, unknown>;
	if (!kinds.includes(kind as Kind)) {
		return invalidInput(
			`${field}.kind`,
			`The kind of a schedule is ${kinds.join(', ')}, not ${JSON.stringify(kind ?? null)}.`,
		);
	}
	const defaults = kind === 'one-cycle' && given.convention === 'torch' ? TORCH_ONE_CYCLE : {};
	// Which kind's rules they are is only known here, at run time.
	const rules = RULES[kind as Kind] as Rules<ScheduleSpec>;
	return parseFields({ kind, ...defaults, ...given }, rules, field, `The schedule ${String(kind)}`);
}
