import { describe, expect, it } from 'vitest';
import { meetsRequirements, parseRequirements } from './index.js';

describe('parseRequirements', () => {
	it('keeps what asks for something', () => {
		expect(parseRequirements(null, 'requires')).toEqual({});
		expect(parseRequirements({ backend: null, memoryBytes: null, labels: {} }, 'requires')).toEqual({});
		const all = { backend: 'wasm', memoryBytes: 2 ** 34, labels: { 'room/rack': 'b-2', kind: 'InvalidInput' } };
		expect(parseRequirements(all, 'requires')).toEqual(all);
	});

	it.each([
		[{ backend: 'abacus' }, 'requires.backend'],
		[{ memoryBytes: 0 }, 'requires.memoryBytes'],
		[{ memoryBytes: 1.5 }, 'requires.memoryBytes'],
		[{ labels: ['gpu'] }, 'requires.labels'],
		[{ labels: { gpu: 1 } }, 'requires.labels.gpu'],
		[{ labels: { gpu: '' } }, 'requires.labels.gpu'],
		[{ labels: { 'a b': 'c' } }, 'requires.labels'],
		[{ labels: { gpu: 'x'.repeat(64) } }, 'requires.labels.gpu'],
		[{ labels: Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`l${i}`, 'x'])) }, 'requires.labels'],
	])('refuses %j, naming the field', (given, field) => {
		expect(parseRequirements(given, 'requires')).toMatchObject({ kind: 'InvalidInput', field });
	});
});

it('a worker meets what it has, and never what it does not know of itself', () => {
	const worker = { backend: 'wasm', memoryBytes: 100, labels: { gpu: 'none', room: '2' } };
	expect(meetsRequirements(worker, {})).toBe(true);
	expect(meetsRequirements(worker, { backend: 'wasm', memoryBytes: 100, labels: { room: '2' } })).toBe(true);
	expect(meetsRequirements(worker, { backend: 'tensorflow' })).toBe(false);
	expect(meetsRequirements(worker, { memoryBytes: 101 })).toBe(false);
	expect(meetsRequirements({ ...worker, memoryBytes: null }, { memoryBytes: 1 })).toBe(false);
	expect(meetsRequirements(worker, { labels: { room: '3' } })).toBe(false);
	expect(meetsRequirements(worker, { labels: { toString: 'x' } })).toBe(false);
});
