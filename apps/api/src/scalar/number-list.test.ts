import fc from 'fast-check';
import { parseValue, valueFromAST } from 'graphql';
import { describe, expect, it } from 'vitest';
import { FloatList } from './float-list.js';
import { IntList } from './int-list.js';
import { packed } from './number-list.js';

const literal = (text: string): unknown => valueFromAST(parseValue(text), FloatList);

describe('FloatList', () => {
	it('reads numbers and the words that JSON lacks', () => {
		expect([...FloatList.parseValue([1, -0.5, 'NaN', 'Infinity', '-Infinity'])]).toEqual([
			1,
			-0.5,
			Number.NaN,
			Infinity,
			-Infinity,
		]);
		expect(literal('[1, -2.5e3, "NaN"]')).toEqual(new Float64Array([1, -2500, Number.NaN]));
	});

	// Bytes as Python's struct.pack('<3d', 1, -2, math.nan) and base64.b64encode give them.
	const fromPython = 'AAAAAAAA8D8AAAAAAAAAwAAAAAAAAPh/';
	it('reads and writes base64 of little-endian float64', () => {
		const values = new Float64Array([1, -2, Number.NaN]);
		expect(FloatList.parseValue(fromPython)).toEqual(values);
		expect(literal(`"${fromPython}"`)).toEqual(values);
		// The second time it is kept, and the third time found.
		for (let time = 0; time < 3; time++) expect(packed(values)).toBe(fromPython);
		// A view into a larger buffer packs its own part.
		expect(packed(new Float64Array([9, 1, -2, Number.NaN, 9]).subarray(1, 4))).toBe(fromPython);
		expect(FloatList.parseValue('')).toEqual(new Float64Array(0));
	});

	it('gives back every list of float64 by both ways, through JSON', () => {
		const double = fc.double();
		fc.assert(
			fc.property(fc.array(double), (numbers) => {
				const values = new Float64Array(numbers);
				const asList = JSON.parse(JSON.stringify(FloatList.serialize(values)));
				// JSON knows no negative zero; the packed form keeps it.
				expect(FloatList.parseValue(asList)).toEqual(values.map((value) => value + 0));
				expect(FloatList.parseValue(FloatList.serialize(packed(values)))).toEqual(values);
			}),
		);
	});

	it.each([
		[{ a: 1 }, /expected a list of numbers or a base64 string/],
		[12, /expected a list/],
		[[1, null], /item 1 is null/],
		[[1, 'nan'], /item 1 is "nan"; expected a number, "NaN"/],
		[[[1]], /item 0 is \[1\]/],
		['AAAA', /8 bytes a number/],
		['AAAAAAAA8D8', /8 bytes a number/],
		['AAAA*AAA8D8=', /not base64/],
	])('refuses %j', (value, message) => {
		expect(() => FloatList.parseValue(value)).toThrow(message);
	});
});

describe('IntList', () => {
	it('takes integers up to 2^53 - 1', () => {
		const steps = [0, -1, Number.MAX_SAFE_INTEGER];
		expect([...IntList.parseValue(steps)]).toEqual(steps);
		expect([...IntList.parseValue(packed(new Float64Array(steps)))]).toEqual(steps);
	});
	it.each([[[1.5]], [[2 ** 53]], [['NaN']], [packed(new Float64Array([0.5]))]])('refuses %j', (value) => {
		expect(() => IntList.parseValue(value)).toThrow(/item 0 is .*expected an integer/);
	});
});
