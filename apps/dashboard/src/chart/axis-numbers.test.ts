import { expect, it } from 'vitest';
import { axisNumbers } from './axis-numbers';

it.each([
	[
		[0, 0.25, 0.5],
		['0', '0.25', '0.5'],
	],
	[
		[900, 1_200, 9_999, 10_000, 12_500],
		['900', '1200', '9999', '10k', '12.5k'],
	],
	[
		[1e6, 1.5e6, 2e9, 3.25e12],
		['1M', '1.5M', '2G', '3.25T'],
	],
	[
		[0.0002, 0.0004, -0.0002],
		['2e-4', '4e-4', '-2e-4'],
	],
	// Close together and far from zero: as many digits as tell them apart.
	[
		[1_795_900_000_000, 1_795_900_005_000],
		['1.7959T', '1.795900005T'],
	],
	[
		[1.0000001, 1.0000002],
		['1.0000001', '1.0000002'],
	],
])('%j are written %j', (values, texts) => {
	expect(axisNumbers(values)).toEqual(texts);
});
