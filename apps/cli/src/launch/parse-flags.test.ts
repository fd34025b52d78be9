import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseRequiresFlag } from './parse-requires.js';
import { parseSpaceFlag } from './parse-space.js';
import { parseSeeds, parseStrategyFlag } from './parse-strategy-flag.js';

describe('parseSpaceFlag', () => {
	it('reads values, ranges and their marks, and gathers several flags', () => {
		const flags = [
			'strategy.unfreezeFrom=block2,block3',
			'strategy.learningRate=1e-4..1e-1:log',
			'epochs=10..50:integer',
			'head.dropout=0..0.5:6',
			'batchSize=16,32',
		];
		const space = flags.reduce((before, flag) => parseSpaceFlag(flag, before), {});
		expect(space).toEqual({
			'strategy.unfreezeFrom': { values: ['block2', 'block3'] },
			'strategy.learningRate': { min: 1e-4, max: 1e-1, scale: 'log' },
			epochs: { min: 10, max: 50, integer: true },
			'head.dropout': { min: 0, max: 0.5, steps: 6 },
			batchSize: { values: [16, 32] },
		});
		expect(Object.keys(space)).toHaveLength(flags.length);
	});

	it.each([
		['epochs', /path=value/],
		['=3', /path=value/],
		['epochs=', /path=value/],
		['epochs=a..b', /needs two numbers/],
		['epochs=1..', /needs two numbers/],
		['epochs=1..9:quick', /takes log, linear, integer or a number of steps, not quick/],
	])('refuses %s', (flag, message) => {
		expect(() => parseSpaceFlag(flag)).toThrow(InvalidArgumentError);
		expect(() => parseSpaceFlag(flag)).toThrow(message);
	});

	it('refuses a field that is given twice', () => {
		expect(() => parseSpaceFlag('epochs=1,2', parseSpaceFlag('epochs=3'))).toThrow(/given twice/);
	});
});

describe('parseStrategyFlag', () => {
	it.each([
		['full-fine-tune', { kind: 'FULL_FINE_TUNE' }],
		['PARTIAL_FINE_TUNE:block3', { kind: 'PARTIAL_FINE_TUNE', unfreezeFrom: 'block3' }],
		[
			'discriminative-lr,learningRate=1e-3,decay=0.5,batchNorm=train-statistics',
			{ kind: 'DISCRIMINATIVE_LR', learningRate: 1e-3, decay: 0.5, batchNorm: 'TRAIN_STATISTICS' },
		],
		['lora,rank=4,alpha=8', { kind: 'LORA', rank: 4, alpha: 8 }],
		[
			'lora,targets=query+value,rankStabilized=true',
			{ kind: 'LORA', options: { targets: ['query', 'value'], rankStabilized: true } },
		],
		['dann,gamma=5,hidden=64', { kind: 'DANN', options: { gamma: 5, hidden: 64 } }],
		['freeze-out,schedule=linear', { kind: 'FREEZE_OUT', options: { schedule: 'linear' } }],
	])('reads %s', (flag, strategy) => {
		expect(parseStrategyFlag(flag)).toEqual(strategy);
	});

	it.each([
		['freeze-all', /There is no strategy freeze-all/],
		['full-fine-tune,speed=3', /A strategy has no field speed/],
		['full-fine-tune,gamma=3', /A strategy has no field gamma/],
		['full-fine-tune,learningRate=fast', /learningRate is a number, not fast/],
	])('refuses %s', (flag, message) => {
		expect(() => parseStrategyFlag(flag)).toThrow(message);
	});
});

describe('parseSeeds', () => {
	it('reads ranges and lists', () => {
		expect([parseSeeds('1..5'), parseSeeds('7'), parseSeeds('1,2,7')]).toEqual([[1, 2, 3, 4, 5], [7], [1, 2, 7]]);
	});
	it.each(['', '5..1', 'a', '1,,2x', '1..99999'])('refuses "%s"', (text) => {
		expect(() => parseSeeds(text)).toThrow(/Seeds are a range/);
	});
});

describe('parseRequiresFlag', () => {
	it('reads back end, memory and labels, and gathers several flags', () => {
		const flags = ['backend=tensorflow-gpu', 'memory=1.5GiB', 'gpu=a100', 'room=b/2'];
		expect(flags.reduce((before, flag) => parseRequiresFlag(flag, before), {})).toEqual({
			backend: 'tensorflow-gpu',
			memoryBytes: 1.5 * 2 ** 30,
			labels: { gpu: 'a100', room: 'b/2' },
		});
		expect(parseRequiresFlag('memory=1024')).toEqual({ memoryBytes: 1024 });
	});

	it.each([
		['gpu', /LABEL=VALUE/],
		['memory=much', /16GiB/],
		['memory=1GB', /16GiB/],
		['backend=abacus', /no back end abacus/],
		['gpu=a 100', /label/],
	])('refuses %s with a reason', (text, reason) => {
		expect(() => parseRequiresFlag(text)).toThrow(reason);
	});
});
