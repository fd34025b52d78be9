import { describe, expect, it } from 'vitest';
import { flattenConfig } from './flatten-config';

describe('flattenConfig', () => {
	it('names leaves by their path', () => {
		const config = {
			epochs: 10,
			optimizer: { kind: 'adam', beta1: 0.9 },
			head: { hidden: [], dropout: null },
			stages: [{ at: 1 }],
		};
		expect(flattenConfig(config)).toEqual([
			['epochs', '10'],
			['optimizer.kind', 'adam'],
			['optimizer.beta1', '0.9'],
			['head.hidden', '[]'],
			['head.dropout', '–'],
			['stages[0].at', '1'],
		]);
	});
	it('is empty for nothing', () => {
		expect([flattenConfig(null), flattenConfig({})]).toEqual([[], []]);
	});
});
