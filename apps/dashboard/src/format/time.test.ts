import { describe, expect, it } from 'vitest';
import { ago, duration, remaining, secondsBetween } from './time';

const plainSpaces = (text: string) => text.replaceAll('\u202f', ' ');

describe('duration', () => {
	it.each([
		[0, '0.0 s'],
		[8.24, '8.2 s'],
		[9.96, '10 s'],
		[59.6, '1 min'],
		[80, '1 min 20 s'],
		[7500, '2 h 5 min'],
		[273_600, '3 d 4 h'],
	])('%s s is %s', (seconds, text) => expect(plainSpaces(duration(seconds))).toBe(text));

	it('is a dash where nothing is known', () => expect(duration(null)).toBe('–'));
});

describe('remaining', () => {
	it.each([
		[0.2, '1 s'],
		[7.4, '7 s'],
		[33, '35 s'],
		[61, '1 min'],
		[3700, '1 h 1 min'],
	])('%s s is about %s', (seconds, text) => expect(plainSpaces(remaining(seconds))).toBe(text));
});

describe('ago', () => {
	const now = Date.parse('2026-11-24T12:00:00Z');
	it.each([
		['2026-11-24T11:59:59.500Z', 'just now'],
		['2026-11-24T11:59:46Z', '14 s ago'],
		['2026-11-24T11:50:30Z', '9 min ago'],
		['2026-11-22T11:00:00Z', '2 d ago'],
		['2026-11-24T12:00:05Z', 'just now'],
	])('%s is %s', (at, text) => expect(plainSpaces(ago(at, now))).toBe(text));
});

describe('secondsBetween', () => {
	it('needs both ends', () => {
		expect(secondsBetween('2026-01-01T00:00:00Z', '2026-01-01T00:00:02.5Z')).toBe(2.5);
		expect(secondsBetween(null, '2026-01-01T00:00:02Z')).toBeNull();
	});
});
