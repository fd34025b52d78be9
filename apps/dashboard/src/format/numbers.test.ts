import { describe, expect, it } from 'vitest';
import {
	bytes,
	count,
	decimalsFor,
	differenceText,
	intervalText,
	percent,
	plain,
	position,
	pText,
	setting,
	whole,
} from './numbers';

describe('intervalText', () => {
	it.each([
		[0.94573, 0.93373, 0.95773, '0.946', '0.012'],
		[0.94573, 0.69573, 1.19573, '0.95', '0.25'],
		[0.94573, 0.94453, 0.94693, '0.9457', '0.0012'],
		[0.9, 0.8004, 0.9996, '0.90', '0.10'],
		[1234.56, 1189.56, 1279.56, '1235', '45'],
		[-0.5, -0.512, -0.488, '−0.500', '0.012'],
	])('%s in [%s, %s] is %s ± %s', (mean, low, high, text, half) => {
		expect(intervalText(mean, low, high)).toEqual({ mean: text, halfWidth: half });
	});

	it('claims no interval for one seed', () => {
		expect(intervalText(0.94573, null, null)).toEqual({ mean: '0.946', halfWidth: null });
	});

	it('says 0 where all seeds agree', () => {
		expect(intervalText(1, 1, 1)).toEqual({ mean: '1.0000', halfWidth: '0' });
	});
});

describe('decimalsFor', () => {
	it('does not follow rounding noise', () => {
		expect(decimalsFor(1e-17)).toBe(4);
		expect(intervalText(0.25, 0.25 - 1e-17, 0.25 + 1e-17)).toEqual({ mean: '0.2500', halfWidth: '0' });
	});
	it('asks the rounded half-width', () => {
		expect(decimalsFor(0.0996)).toBe(2);
		expect(decimalsFor(0.0994)).toBe(3);
		expect(decimalsFor(120)).toBe(0);
	});
});

describe('differenceText', () => {
	it('signs the difference and keeps its digits to the interval', () => {
		expect(differenceText(0.04321, 0.02111, 0.06531)).toBe('+0.043 [0.021, 0.065]');
		expect(differenceText(-0.04321, -0.06531, -0.02111)).toBe('−0.043 [−0.065, −0.021]');
	});
});

describe('single numbers', () => {
	it('plain', () => {
		expect([0, 0.94573, 12345.6, 3.2e-7, 7.89e9, Number.NaN, Number.NEGATIVE_INFINITY, null].map(plain)).toEqual([
			'0',
			'0.946',
			'12346',
			'3.20e-7',
			'7.89e9',
			'NaN',
			'−∞',
			'–',
		]);
	});

	it('position and setting', () => {
		expect([11, 12_000, 1.2345].map(position)).toEqual(['11', '12\u202f000', '1.23']);
		expect([0.001, 30, 0.00123456].map(setting)).toEqual(['0.001', '30', '0.001235']);
	});

	it('count', () => {
		expect([812, 1240, 23_512_130, 999_999, 1.2e12].map((value) => count(value))).toEqual([
			'812',
			'1.24\u202fk',
			'23.5\u202fM',
			'1.00\u202fM',
			'1.20\u202fT',
		]);
		expect(count(3.4e9, 'MAC')).toBe('3.40\u202fGMAC');
		expect(count(12, 'MAC')).toBe('12\u202fMAC');
	});

	it('whole, bytes, percent, p', () => {
		expect(whole(1_234_567)).toBe('1\u202f234\u202f567');
		expect([812, 2048, 1_572_864].map(bytes)).toEqual(['812\u202fB', '2.00\u202fKiB', '1.50\u202fMiB']);
		expect([0, 0.0004, 0.043, 0.5, 0.9996, 1].map(percent)).toEqual([
			'0\u202f%',
			'< 0.1\u202f%',
			'4.3\u202f%',
			'50\u202f%',
			'> 99.9\u202f%',
			'100\u202f%',
		]);
		expect([0.0004, 0.0123, 0.25].map(pText)).toEqual(['p < 0.001', 'p = 0.012', 'p = 0.25']);
	});
});
