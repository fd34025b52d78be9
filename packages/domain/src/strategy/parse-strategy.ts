import type { LayerGroup } from '../backbone/index.js';
import { type InvalidInput, invalidInput } from '../error/index.js';
import type { JsonObject } from '../json/index.js';
import { findGroup } from './find-group.js';
import {
	BATCH_NORM_MODES,
	type Strategy,
	type StrategyInput,
	SUPPORTED_STRATEGY_KINDS,
	type SupportedStrategyKind,
} from './strategy.js';
import { KIND_RULES, type KindRules, type OptionalField } from './strategy-kinds.js';
import { parseOptions } from './strategy-options.js';

/** Keras' default for Adam. */
const DEFAULT_LEARNING_RATE = 1e-3;
/** More than the smaller side of any layer that is adapted in practice. */
const LARGEST_RANK = 4096;

const INPUT_FIELDS: Readonly<Record<keyof StrategyInput, true>> = {
	kind: true,
	unfreezeFrom: true,
	batchNorm: true,
	learningRate: true,
	backboneLearningRate: true,
	decay: true,
	epochsPerStage: true,
	rank: true,
	alpha: true,
	options: true,
};

/**
 * Checks a strategy against a backbone's layer groups and fills in the defaults. Null means "not given". The input may
 * come from a sweep's JSON, so nothing of its type is taken on trust. `path` is where it stands, such as `strategies[2]`.
 */
export function parseStrategy(
	input: StrategyInput,
	layerGroups: readonly LayerGroup[],
	path: string,
): Strategy | InvalidInput {
	const unknown = Object.keys(input).find((field) => !Object.hasOwn(INPUT_FIELDS, field));
	if (unknown !== undefined) {
		return invalidInput(
			`${path}.${unknown}`,
			`A strategy has no field ${unknown}. Its fields are ${Object.keys(INPUT_FIELDS).join(', ')}.`,
		);
	}
	if (!isSupported(input.kind)) {
		return invalidInput(
			`${path}.kind`,
			`The strategy ${String(input.kind)} is not available. Available are ${SUPPORTED_STRATEGY_KINDS.join(', ')}.`,
			'UNSUPPORTED_STRATEGY',
		);
	}
	const kind = input.kind;
	const rules = KIND_RULES[kind];
	const refused = refuseFields(input, kind, rules, path) ?? refuseNumbers(input, path);
	if (refused !== null) return refused;

	const batchNorm = input.batchNorm ?? rules.batchNorm[0] ?? 'FROZEN_STATISTICS';
	if (!rules.batchNorm.includes(batchNorm)) {
		const known = (BATCH_NORM_MODES as readonly unknown[]).includes(batchNorm);
		return invalidInput(
			`${path}.batchNorm`,
			`${known ? `${kind} does not take` : 'There is no'} BatchNorm mode ${String(batchNorm)}. Use ${rules.batchNorm.join(' or ')}.`,
		);
	}
	let unfreezeFrom: string | null = null;
	if (rules.fields.includes('unfreezeFrom')) {
		const group = findGroup(input.unfreezeFrom, layerGroups, `${path}.unfreezeFrom`);
		if (group.kind === 'InvalidInput') return group;
		unfreezeFrom = group.name;
	}
	if ((kind === 'BATCH_NORM_ONLY' || kind === 'ADABN') && !layerGroups.some((group) => group.hasBatchNorm)) {
		return invalidInput(`${path}.kind`, `This backbone has no BatchNorm: ${kind} would change nothing of it.`);
	}
	if (kind === 'BITFIT' && !layerGroups.some((group) => group.biasCount > 0)) {
		return invalidInput(`${path}.kind`, 'This backbone has no biases: BITFIT would train nothing of it.');
	}
	const options = parseOptions(kind, input.options, `${path}.options`);
	if (isRefusal(options)) return options;
	const unmatched = unmatchedTarget(options.targets, layerGroups);
	if (unmatched !== null) {
		return invalidInput(`${path}.options.targets`, `No layer of this backbone has a name that ends in ${unmatched}.`);
	}
	const learningRate = input.learningRate ?? DEFAULT_LEARNING_RATE;
	const [rank, alpha] = [input.rank ?? rules.defaultRank, input.alpha ?? rules.defaultAlpha];
	return {
		kind,
		unfreezeFrom,
		batchNorm,
		learningRate,
		backboneLearningRate: input.backboneLearningRate ?? learningRate,
		decay: input.decay ?? rules.defaultDecay,
		epochsPerStage: input.epochsPerStage ?? rules.defaultEpochsPerStage,
		...(rank !== undefined && { rank }),
		...(alpha !== undefined && { alpha }),
		options,
	};
}

/** No option is called `field`. */
const isRefusal = (options: JsonObject | InvalidInput): options is InvalidInput => 'field' in options;

function unmatchedTarget(targets: unknown, layerGroups: readonly LayerGroup[]): string | null {
	if (!Array.isArray(targets)) return null;
	const layers = layerGroups.flatMap((group) => group.layers);
	return (targets as string[]).find((target) => !layers.some((layer) => layer.endsWith(target))) ?? null;
}

function isSupported(kind: unknown): kind is SupportedStrategyKind {
	return (SUPPORTED_STRATEGY_KINDS as readonly unknown[]).includes(kind);
}

const OPTIONAL_FIELDS: readonly OptionalField[] = [
	'unfreezeFrom',
	'backboneLearningRate',
	'decay',
	'epochsPerStage',
	'rank',
	'alpha',
];

function refuseFields(input: StrategyInput, kind: string, rules: KindRules, path: string): InvalidInput | null {
	for (const field of OPTIONAL_FIELDS) {
		const given = input[field] !== undefined && input[field] !== null;
		if (given && !rules.fields.includes(field)) {
			const used = ['learningRate', 'batchNorm', ...rules.fields].join(', ');
			return invalidInput(`${path}.${field}`, `${kind} does not use ${field}. It uses ${used}.`);
		}
		if (!given && rules.required.includes(field)) {
			return invalidInput(`${path}.${field}`, `${kind} needs ${field}.`);
		}
	}
	return null;
}

function refuseNumbers(input: StrategyInput, path: string): InvalidInput | null {
	for (const field of ['learningRate', 'backboneLearningRate'] as const) {
		const rate: unknown = input[field] ?? 1;
		if (typeof rate !== 'number' || !Number.isFinite(rate) || rate <= 0) {
			return invalidInput(`${path}.${field}`, `A learning rate is a number above 0, not ${String(rate)}.`);
		}
	}
	const decay: unknown = input.decay ?? 1;
	if (typeof decay !== 'number' || !(decay > 0 && decay <= 1)) {
		return invalidInput(`${path}.decay`, `The decay is a number above 0 and not above 1, not ${String(decay)}.`);
	}
	const alpha: unknown = input.alpha ?? 1;
	if (typeof alpha !== 'number' || !Number.isFinite(alpha) || alpha <= 0) {
		return invalidInput(`${path}.alpha`, `Alpha is a number above 0, not ${String(alpha)}.`);
	}
	const rank: unknown = input.rank ?? 1;
	if (typeof rank !== 'number' || !Number.isSafeInteger(rank) || rank < 1 || rank > LARGEST_RANK) {
		return invalidInput(`${path}.rank`, `The rank is a whole number from 1 to ${LARGEST_RANK}, not ${String(rank)}.`);
	}
	const epochs: unknown = input.epochsPerStage ?? 1;
	if (typeof epochs !== 'number' || !Number.isSafeInteger(epochs) || epochs < 1) {
		return invalidInput(
			`${path}.epochsPerStage`,
			`The epochs of a stage are a whole number from 1, not ${String(epochs)}.`,
		);
	}
	return null;
}
