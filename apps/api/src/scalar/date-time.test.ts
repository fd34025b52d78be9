import { describe, expect, it } from 'vitest';
import { DateTime } from './date-time.js';

describe('DateTime', () => {
	it('reads a time with its offset, and writes UTC', () => {
		const noon = DateTime.parseValue('2026-11-23T13:00:00+01:00');
		expect(noon.getTime()).toBe(1_795_435_200_000); // date -u -d 2026-11-23T12:00:00 +%s
		expect(DateTime.serialize(noon)).toBe('2026-11-23T12:00:00.000Z');
	});
	it.each(['2026-11-23', '2026-11-23T12:00:00', 'soon', '2026-13-40T12:00:00Z', 5, null])('refuses %j', (value) => {
		expect(() => DateTime.parseValue(value)).toThrow(/expected a time such as/);
	});
});
