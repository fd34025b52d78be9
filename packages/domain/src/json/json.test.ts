import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from './index.js';

describe('canonicalJson', () => {
	it('sorts keys, leaves undefined out, and has no spaces', () => {
		expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined, Z: true })).toBe(
			'{"Z":true,"b":[1,{"c":"x","d":null}]}',
		);
		expect(canonicalJson([undefined, Number.NaN])).toBe('[null,null]');
	});

	it('is JSON of the same value, and one text whatever the order of keys', () => {
		const reversed = (value: unknown): unknown => {
			if (Array.isArray(value)) return value.map(reversed);
			if (value === null || typeof value !== 'object') return value;
			const entries = Object.entries(value).reverse();
			return Object.fromEntries(entries.map(([key, field]) => [key, reversed(field)]));
		};
		fc.assert(
			fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
				const text = canonicalJson(value);
				expect(canonicalJson(JSON.parse(text))).toBe(text);
				expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
				expect(canonicalJson(reversed(value))).toBe(text);
			}),
		);
	});
});
