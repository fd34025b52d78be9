import type { StrategyInput, StrategyKind } from '@graft/client/gql';
import { STRATEGY_KINDS, STRATEGY_OPTIONS } from '@graft/domain/strategy';
import { InvalidArgumentError } from 'commander';
import { parseValue } from './parse-space.js';

const FIELDS = {
	batchNorm: 'text',
	learningRate: 'number',
	backboneLearningRate: 'number',
	decay: 'number',
	epochsPerStage: 'number',
	rank: 'number',
	alpha: 'number',
} as const;

/**
 * One strategy: its kind in any case, the layer group after a colon, fields after commas, such as
 * `partial-fine-tune:block3,learningRate=1e-3`. Options stand beside the fields, lists of names with a plus between them:
 * `lora,rank=4,targets=query+value`. The API checks what the kind allows.
 */
export function parseStrategyFlag(text: string): StrategyInput {
	const [head = '', ...fields] = text.split(',');
	const [name = '', unfreezeFrom] = head.split(':');
	const kind = name.trim().toUpperCase().replaceAll('-', '_') as StrategyKind;
	if (!(STRATEGY_KINDS as readonly string[]).includes(kind)) {
		const known = STRATEGY_KINDS.map((one) => one.toLowerCase().replaceAll('_', '-')).join(', ');
		throw new InvalidArgumentError(`There is no strategy ${name}. There are ${known}.`);
	}
	const known = STRATEGY_OPTIONS[kind] ?? {};
	const options: Record<string, unknown> = {};
	let strategy: StrategyInput = unfreezeFrom ? { kind, unfreezeFrom } : { kind };
	for (const [name, value] of fields.map(split)) {
		const option = known[name];
		if (option === undefined) strategy = { ...strategy, ...parseField(name, value, Object.keys(known)) };
		else options[name] = option.kind === 'names' ? value.split('+') : parseValue(value);
	}
	return Object.keys(options).length === 0 ? strategy : { ...strategy, options };
}

function split(text: string): readonly [name: string, value: string] {
	const [name = '', value = ''] = text.split('=').map((part) => part.trim());
	return [name, value];
}

function parseField(name: string, value: string, options: readonly string[]): Partial<StrategyInput> {
	const type = FIELDS[name as keyof typeof FIELDS];
	if (type === undefined) {
		const all = [...Object.keys(FIELDS), ...options].join(', ');
		throw new InvalidArgumentError(`A strategy has no field ${name}. It has ${all}.`);
	}
	const parsed = type === 'text' ? value.toUpperCase().replaceAll('-', '_') : parseValue(value);
	if (type === 'number' && typeof parsed !== 'number')
		throw new InvalidArgumentError(`${name} is a number, not ${value}.`);
	return { [name]: parsed };
}

/** For a flag that may be given several times. */
export const collectStrategy = (text: string, before: readonly StrategyInput[] = []): readonly StrategyInput[] => [
	...before,
	parseStrategyFlag(text),
];

/** `1..5` or `1,2,7`. */
export function parseSeeds(text: string): readonly number[] {
	const range = /^(\d+)\.\.(\d+)$/.exec(text);
	const seeds = range
		? Array.from(
				{ length: Math.max(0, Number(range[2]) - Number(range[1]) + 1) },
				(_, index) => Number(range[1]) + index,
			)
		: text.split(',').map((part) => (/^\d+$/.test(part) ? Number(part) : Number.NaN));
	if (seeds.length === 0 || seeds.length > 1_000 || !seeds.every(Number.isSafeInteger)) {
		throw new InvalidArgumentError('Seeds are a range such as 1..5 or a list such as 1,2,7.');
	}
	return seeds;
}
