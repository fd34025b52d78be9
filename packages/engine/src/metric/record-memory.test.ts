import type { RunRecord } from '@graft/database/metric';
import { expect, test } from 'vitest';
import { createRecordMemory } from './record-memory.js';

const recordOf = (version: string, counts: Record<string, number>): RunRecord => {
	const series = Object.entries(counts).map(
		([key, count]) => [key, { count, firstStep: 0, lastStep: count - 1 }] as const,
	);
	return { version, attempts: [{ number: 1, resumedFromStep: null, series: new Map(series) }] };
};

test('recalls what it was told a moment ago, for the keys that were asked for', () => {
	let now = 0;
	const memory = createRecordMemory(() => now);
	const record = recordOf('a', { loss: 7 });
	// The run has nothing of `accuracy`, and that is known.
	memory.remember(new Map([['run', record]]), ['loss', 'accuracy']);
	expect(memory.recall(['run'], ['loss', 'accuracy'])?.get('run')).toBe(record);
	expect(memory.recall(['run'], ['f1'])).toBeNull();
	expect(memory.recall(['run', 'other'], ['loss'])).toBeNull();
	now = 5_000;
	expect(memory.recall(['run'], ['loss'])?.get('run')).toBe(record);
	now = 5_001;
	expect(memory.recall(['run'], ['loss'])).toBeNull();
});

test('adds the keys of another look at the same version, and none of another one', () => {
	const memory = createRecordMemory(() => 0);
	memory.remember(new Map([['run', recordOf('a', { loss: 7 })]]), ['loss']);
	memory.remember(new Map([['run', recordOf('a', { accuracy: 3 })]]), ['accuracy']);
	const both = memory.recall(['run'], ['loss', 'accuracy'])?.get('run')?.attempts[0]?.series;
	expect([both?.get('loss')?.count, both?.get('accuracy')?.count]).toEqual([7, 3]);
	memory.remember(new Map([['run', recordOf('b', { accuracy: 4 })]]), ['accuracy']);
	expect(memory.recall(['run'], ['loss'])).toBeNull();
	expect(memory.recall(['run'], ['accuracy'])?.get('run')?.version).toBe('b');
});

test('forgets those that were asked for longest ago, when they are too many', () => {
	const memory = createRecordMemory(() => 0);
	for (let at = 0; at <= 5_000; at++) memory.remember(new Map([[`${at}`, recordOf('a', {})]]), []);
	expect(memory.recall(['0'], [])).toBeNull();
	expect(memory.recall(['1', '5000'], [])?.size).toBe(2);
});
