import { describe, expect, it } from 'vitest';
import { formatRange, parseRange, tidyRange } from './axis-range';

describe('the part of an axis', () => {
	it.each([
		['1200..1450', [1200, 1450]],
		['0.5..1.25', [0.5, 1.25]],
		['1e9..2e9', [1e9, 2e9]],
		['', null],
		['5', null],
		['..5', null],
		['5..', null],
		['9..5', null],
		['5..5', null],
		['a..b', null],
		['1..2..3', null],
		['1..Infinity', null],
	])('%s is %j', (text, range) => {
		expect(parseRange(text)).toEqual(range);
		if (range !== null) expect(parseRange(formatRange(range as [number, number]))).toEqual(range);
	});

	it('takes round ends that hold what was pointed at', () => {
		expect(tidyRange([1203.46, 1449.2], true)).toEqual([1203, 1450]);
		expect(tidyRange([1203.4567, 1449.2123], false)).toEqual([1203.4, 1449.3]);
		expect(tidyRange([-3, 0.123456], false)).toEqual([0, 0.124]);
		expect(tidyRange([1.23456e9, 2.34567e9], true)).toEqual([1.234e9, 2.346e9]);
		expect(tidyRange([4.2, 4.3], true)).toEqual([4, 5]);
	});
});
