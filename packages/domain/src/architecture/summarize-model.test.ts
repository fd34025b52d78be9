import { describe, expect, it } from 'vitest';
import { planFreeze } from '../freeze-plan/index.js';
import type { HeadSpec } from '../run/index.js';
import { parseStrategy, type StrategyInput } from '../strategy/index.js';
import { ARCHITECTURES, type Architecture, findArchitecture, isTied, languageModel, summarizeModel } from './index.js';

const HEAD: HeadSpec = { pooling: 'average', hidden: [], dropout: 0 };
const TASK = { task: 'LANGUAGE_MODELING', outputs: 0 } as const;
const gpt2 = findArchitecture('gpt2') as Architecture;
const KINDS = ['FULL_FINE_TUNE', 'FEATURE_EXTRACTION', 'LP_FT', 'LORA', 'GRADUAL_UNFREEZE'] as const;

function planOf(input: StrategyInput, tied?: boolean) {
	const head = { ...HEAD, ...(tied !== undefined && { tied }) };
	const { body } = summarizeModel(gpt2, [3, 16], TASK, head, input);
	const strategy = parseStrategy(input, body.layerGroups, 'strategy');
	if (!('options' in strategy)) throw new Error(strategy.message);
	const { top } = summarizeModel(gpt2, [3, 16], TASK, head, strategy);
	const { layers } = body.network;
	return planFreeze({ strategy, layerGroups: body.layerGroups, head: top.group, epochs: 20, layers });
}

describe('GPT-2 as a language model', () => {
	it('has the numbers of GPT2LMHeadModel: 124,439,808, the head tied', () => {
		const { body, top } = summarizeModel(gpt2, [3, 16], TASK, HEAD, { kind: 'FULL_FINE_TUNE' });
		expect(body.network.outputShape).toEqual([16, 768]);
		expect(top.network.outputShape).toEqual([16, 50_257]);
		expect([body.parameterCount, top.group.parameterCount]).toEqual([124_439_808, 0]);
		expect(top.group.macs).toBe(16 * 768 * 50_257);
		expect(planOf({ kind: 'FULL_FINE_TUNE' })).toMatchObject({ trainableParameters: 124_439_808, frozenParameters: 0 });
	});

	it('has a head of its own where the head learns on a frozen trunk, or where it is asked for', () => {
		expect(KINDS.filter((kind) => !isTied(HEAD, { kind }))).toEqual(['FEATURE_EXTRACTION', 'LP_FT']);
		expect(planOf({ kind: 'FEATURE_EXTRACTION' }).trainableParameters).toBe(50_257 * 768);
		expect(planOf({ kind: 'FULL_FINE_TUNE' }, false).trainableParameters).toBe(124_439_808 + 50_257 * 768);
		expect(planOf({ kind: 'FEATURE_EXTRACTION' }, true).trainableParameters).toBe(0);
	});

	it('costs three forward passes to fine-tune, the scores among them', () => {
		const { body, top } = summarizeModel(gpt2, [3, 16], TASK, HEAD, { kind: 'FULL_FINE_TUNE' });
		const forward = body.layerGroups.reduce((sum, { macs }) => sum + macs, top.group.macs);
		expect(planOf({ kind: 'FULL_FINE_TUNE' }).stepCost).toBe(3 * forward);
	});
});

it('only architectures whose tokens do not see what comes after them are language models', () => {
	expect(ARCHITECTURES.filter((one) => languageModel(one) !== null).map(({ name }) => name)).toEqual(['gpt2']);
	const small = findArchitecture('small-transformer') as Architecture;
	expect(() => summarizeModel(small, [3, 16], TASK, HEAD, { kind: 'FULL_FINE_TUNE' })).toThrow(/is no language model/);
});
