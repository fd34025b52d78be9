import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BatchSpool } from './batch-spool.js';

let folder: string;
beforeEach(() => {
	folder = mkdtempSync(path.join(os.tmpdir(), 'graft-spool-'));
});
afterEach(() => {
	rmSync(folder, { recursive: true, force: true });
});
const numbers = (spool: BatchSpool) => spool.waiting.map(({ sequence }) => sequence);

describe('BatchSpool', () => {
	it('keeps what is not acknowledged over any number of processes, in order', () => {
		const step = fc.oneof(
			fc.record({ kind: fc.constant('append' as const), text: fc.string({ unit: 'binary', maxLength: 60 }) }),
			fc.record({ kind: fc.constant('acknowledge' as const) }),
			fc.record({ kind: fc.constant('crash' as const) }),
		);
		let run = 0;
		fc.assert(
			fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
				const own = path.join(folder, String(run++));
				let spool = new BatchSpool(own, { segmentBytes: 200 });
				const kept = new Map<number, string>();
				let acknowledged = 0;
				let last = 0;
				for (const one of steps) {
					if (one.kind === 'append') {
						expect(spool.append(++last, 1, one.text)).toBe(true);
						kept.set(last, one.text);
					} else if (one.kind === 'acknowledge' && acknowledged < last) {
						spool.acknowledge(++acknowledged);
						kept.delete(acknowledged);
					} else if (one.kind === 'crash') {
						spool = new BatchSpool(own, { segmentBytes: 200 });
						// It may have forgotten that some were acknowledged; nothing that was not.
						expect(numbers(spool).slice(-kept.size || undefined)).toEqual(
							kept.size > 0 ? [...kept.keys()] : numbers(spool),
						);
						expect(spool.last).toBe(last);
						spool.acknowledge(acknowledged);
					}
					expect(numbers(spool)).toEqual([...kept.keys()]);
					for (const [sequence, text] of kept) expect(spool.read(sequence)).toBe(text);
				}
				spool.close();
			}),
			{ numRuns: 60 },
		);
	});

	it('drops a record that was cut short, and goes on after the last whole one', () => {
		const before = new BatchSpool(folder);
		for (const sequence of [1, 2, 3]) before.append(sequence, 1, [sequence]);
		before.close();
		const file = path.join(folder, readdirSync(folder)[0] ?? '');
		truncateSync(file, statSync(file).size - 1);
		const after = new BatchSpool(folder);
		expect(numbers(after)).toEqual([1, 2]);
		after.append(3, 1, ['again']);
		after.close();
		appendFileSync(file, 'what a crashed disk left');
		expect(numbers(new BatchSpool(folder))).toEqual([1, 2, 3]);
	});

	it('gives back the room of what is acknowledged, and remembers the last number', () => {
		const spool = new BatchSpool(folder, { segmentBytes: 1_000 });
		for (let sequence = 1; sequence <= 500; sequence += 1) {
			spool.append(sequence, 1, 'x'.repeat(100));
			spool.acknowledge(sequence);
		}
		const bytes = readdirSync(folder).map((name) => statSync(path.join(folder, name)).size);
		expect(bytes.reduce((sum, size) => sum + size)).toBeLessThan(1_500);
		expect(new BatchSpool(folder).last).toBe(500);
		spool.remove();
	});

	it('says when it is full, and takes more when there is room again', () => {
		const spool = new BatchSpool(folder, { segmentBytes: 300, maxBytes: 700 });
		let taken = 0;
		while (spool.append(taken + 1, 1, 'x'.repeat(100))) taken += 1;
		expect(taken).toBe(4);
		expect(spool.refusal?.message).toMatch(/700 are allowed/);
		expect(numbers(spool)).toEqual([1, 2, 3, 4]);
		spool.acknowledge(taken);
		expect(spool.append(taken + 1, 1, 'x')).toBe(true);
		expect(spool.refusal).toBeNull();
	});

	it('bears a disk that takes nothing', () => {
		const spool = new BatchSpool(folder, { segmentBytes: 10 });
		expect(spool.append(1, 1, 'first')).toBe(true);
		rmSync(folder, { recursive: true });
		expect(spool.append(2, 1, 'needs a new file')).toBe(false);
		expect(spool.refusal?.message).toMatch(/ENOENT/);
		expect(spool.read(1)).toBe('first');
	});
});
