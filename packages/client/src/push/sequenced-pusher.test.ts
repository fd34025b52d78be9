import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { GraftError } from '@graft/domain/error';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BatchSpool } from '../spool/batch-spool.js';
import { INTERNAL_FAILURES } from '../transport/failure.js';
import { type PusherOptions, type PushOutcome, SequencedPusher } from './sequenced-pusher.js';

const away = () => new GraftError('UNAVAILABLE', 'away');
const quick = { intervalMs: 1, retryDelay: () => 1 };
type Send = (sequence: number, items: readonly number[]) => Promise<PushOutcome>;
const pusherOf = (send: Send, options: PusherOptions = {}) =>
	new SequencedPusher<number>({ encode: (items) => items, send }, options);

/** Keeps what a server keeps: the batches by number, a repeated number once. */
function store() {
	const batches = new Map<number, readonly number[]>();
	return {
		items: () => [...batches].sort(([a], [b]) => a - b).flatMap(([, items]) => items),
		batches,
		keep(sequence: number, items: readonly number[]): PushOutcome {
			const known = batches.get(sequence);
			if (known) expect(items).toEqual(known);
			else expect(sequence).toBe(batches.size + 1);
			batches.set(sequence, items);
			return { kind: 'stored' };
		},
	};
}

describe('SequencedPusher', () => {
	it('gathers what comes within the interval into one batch', async () => {
		const { keep, batches } = store();
		const pusher = pusherOf(async (sequence, items) => keep(sequence, items), { intervalMs: 20 });
		pusher.push([1]);
		pusher.push([2, 3]);
		expect(batches.size).toBe(0);
		await expect.poll(() => batches.get(1)).toEqual([1, 2, 3]);
	});

	it('stores each item once and in order, whatever requests and answers get lost', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.array(fc.integer(), { maxLength: 7 }), { maxLength: 12 }),
				fc.array(fc.constantFrom('stored', 'request lost', 'answer lost'), { maxLength: 30 }),
				async (pushes, fates) => {
					const server = store();
					let inFlight = 0;
					let call = 0;
					const pusher = pusherOf(
						async (sequence, items) => {
							expect(++inFlight).toBe(1);
							await Promise.resolve();
							inFlight -= 1;
							const fate = fates[call++] ?? 'stored';
							if (fate === 'request lost') throw away();
							const outcome = server.keep(sequence, items);
							if (fate === 'answer lost') throw away();
							return outcome;
						},
						{ ...quick, maxBatch: 5, retryDelay: () => 0 },
					);
					for (const items of pushes) pusher.push(items);
					await pusher.flush();
					expect(server.items()).toEqual(pushes.flat());
				},
			),
			{ numRuns: 50 },
		);
	});

	it('refuses by name what memory does not hold, and takes more when the server is back', async () => {
		const server = store();
		let up = false;
		const pusher = pusherOf(
			async (sequence, items) => {
				if (!up) throw away();
				return server.keep(sequence, items);
			},
			{ ...quick, maxBatch: 2, maxQueued: 4 },
		);
		pusher.push([1, 2, 3, 4]);
		expect(() => pusher.push([5])).toThrow(expect.objectContaining({ code: 'BACK_PRESSURE' }));
		const room = pusher.room();
		up = true;
		await room;
		pusher.push([5]);
		await pusher.flush();
		expect(server.items()).toEqual([1, 2, 3, 4, 5]);
	});

	it('flushes what was pushed before, though more keeps coming', async () => {
		const server = store();
		const pusher = pusherOf(
			async (sequence, items) => {
				const outcome = server.keep(sequence, items);
				// The run goes on: there is never an empty queue.
				pusher.push([items.length]);
				return outcome;
			},
			{ ...quick, maxBatch: 2 },
		);
		pusher.push([7, 8, 9]);
		await pusher.flush();
		expect(server.items().slice(0, 3)).toEqual([7, 8, 9]);
		expect(pusher.waiting).toBeGreaterThan(0);
		pusher.stop();
	});

	it('stops for good when the lease is lost', async () => {
		const lost: string[] = [];
		let calls = 0;
		const pusher = pusherOf(
			async () => {
				calls += 1;
				return { kind: 'lost', reason: 'run 7 is another worker’s' };
			},
			{ ...quick, onLost: (reason) => lost.push(reason) },
		);
		pusher.push([1]);
		await expect(pusher.flush()).rejects.toMatchObject({ code: 'LEASE_LOST' });
		expect(() => pusher.push([2])).toThrow(expect.objectContaining({ code: 'LEASE_LOST' }));
		await expect(pusher.flush()).rejects.toMatchObject({ code: 'LEASE_LOST' });
		expect({ calls, lost, queued: pusher.waiting }).toEqual({
			calls: 1,
			lost: ['run 7 is another worker’s'],
			queued: 0,
		});
	});

	it('tries an error that the server did not foresee a bounded number of times, counted anew after a cut', async () => {
		const broken = () => new GraftError('BUG', 'The server met an error.', { internal: true });
		let fates = [broken(), broken(), away(), ...Array.from({ length: INTERNAL_FAILURES - 1 }, broken)];
		const server = store();
		const pusher = pusherOf(async (sequence, items) => {
			const fate = fates.shift();
			if (fate !== undefined) throw fate;
			return server.keep(sequence, items);
		}, quick);
		pusher.push([1]);
		await pusher.flush();
		expect(server.items()).toEqual([1]);
		fates = Array.from({ length: INTERNAL_FAILURES + 1 }, broken);
		pusher.push([2]);
		await expect(pusher.flush()).rejects.toMatchObject({
			code: 'UNAVAILABLE',
			message: expect.stringContaining('in a row'),
		});
		expect(fates).toHaveLength(1);
	});

	it('names what the server refused', async () => {
		const pusher = pusherOf(async () => ({ kind: 'refused', message: 'Key too long.' }), quick);
		pusher.push([1]);
		await expect(pusher.flush()).rejects.toMatchObject({
			code: 'BUG',
			message: expect.stringContaining('Key too long.'),
		});
	});

	it('ends the retries and every waiting caller when stopped', async () => {
		const pusher = pusherOf(
			async () => {
				throw away();
			},
			{ ...quick, maxQueued: 1 },
		);
		pusher.push([1, 2]);
		const room = pusher.room();
		const flushed = pusher.flush();
		pusher.stop();
		await room;
		await expect(flushed).rejects.toMatchObject({ code: 'SHUTDOWN' });
	});
});

describe('SequencedPusher with a spool', () => {
	let folder: string;
	beforeEach(() => {
		folder = mkdtempSync(path.join(os.tmpdir(), 'graft-spool-'));
	});
	afterEach(() => rmSync(folder, { recursive: true, force: true }));

	it('stores each item once and in order, whatever is lost and whichever processes die', async () => {
		let run = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.array(fc.array(fc.integer(), { maxLength: 9 }), { maxLength: 5 }), { minLength: 1, maxLength: 4 }),
				fc.array(fc.constantFrom('stored', 'request lost', 'answer lost', 'killed'), { maxLength: 30 }),
				async (processes, fates) => {
					const own = path.join(folder, String(run++));
					const server = store();
					const sent: number[] = [];
					let call = 0;
					for (const pushes of processes) {
						const spool = new BatchSpool(own, { segmentBytes: 100 });
						let killed: () => void = () => undefined;
						const death = new Promise<void>((resolve) => {
							killed = resolve;
						});
						const pusher = pusherOf(
							async (sequence, items) => {
								const fate = fates[call++] ?? 'stored';
								if (fate === 'request lost') throw away();
								const duplicate = server.batches.has(sequence);
								server.keep(sequence, items);
								if (fate === 'answer lost') throw away();
								if (fate !== 'killed') return { kind: 'stored', duplicate };
								killed();
								return new Promise(() => undefined);
							},
							{ spool, maxBatch: 4, intervalMs: 0, retryDelay: () => 0 },
						);
						// What is sealed is on disk; what is not dies with its process, as in life.
						for (const items of pushes) {
							const whole = [...items, ...Array(4).fill(-1)].slice(0, 4);
							pusher.push(whole);
							sent.push(...whole);
						}
						await Promise.race([pusher.flush(), death]);
						spool.close();
					}
					const spool = new BatchSpool(own, { segmentBytes: 100 });
					const last = pusherOf(async (sequence, items) => server.keep(sequence, items), { spool });
					await last.flush();
					expect(server.items()).toEqual(sent);
				},
			),
			{ numRuns: 50 },
		);
	});

	it('holds far more than memory does while the API is away, and sends it in order later', async () => {
		const server = store();
		let up = false;
		const spool = new BatchSpool(folder, { segmentBytes: 5_000 });
		const pusher = pusherOf(
			async (sequence, items) => {
				if (!up) throw away();
				return server.keep(sequence, items);
			},
			{ ...quick, maxBatch: 10, maxQueued: 50, spool },
		);
		const items = Array.from({ length: 5_000 }, (_, index) => index);
		for (const item of items) pusher.push([item]);
		expect(pusher.waiting).toBe(5_000);
		up = true;
		await pusher.flush();
		expect(server.items()).toEqual(items);
	});

	it('refuses by name when the spool is full too, and loses nothing that it took', async () => {
		const server = store();
		let up = false;
		const spool = new BatchSpool(folder, { segmentBytes: 200, maxBytes: 400 });
		const pusher = pusherOf(
			async (sequence, items) => {
				if (!up) throw away();
				return server.keep(sequence, items);
			},
			{ ...quick, maxBatch: 10, maxQueued: 50, spool },
		);
		const taken: number[] = [];
		const push = (item: number) => {
			pusher.push([item]);
			taken.push(item);
		};
		expect(() => {
			for (let item = 0; item < 10_000; item += 1) push(item);
		}).toThrow(expect.objectContaining({ code: 'BACK_PRESSURE', message: expect.stringContaining('400 are allowed') }));
		expect(taken.length).toBeGreaterThan(50);
		up = true;
		await pusher.room();
		push(-1);
		await pusher.flush();
		expect(server.items()).toEqual(taken);
	});

	it('says so when somebody else has written under its next number', async () => {
		const left = new BatchSpool(folder);
		left.append(1, 1, [1]);
		left.close();
		const pusher = pusherOf(async () => ({ kind: 'stored', duplicate: true }), {
			...quick,
			spool: new BatchSpool(folder),
		});
		await pusher.flush();
		pusher.push([2]);
		await expect(pusher.flush()).rejects.toMatchObject({ code: 'DATA', message: expect.stringContaining(folder) });
	});

	it('leaves on disk what a lost lease kept from being stored', async () => {
		const pusher = pusherOf(async () => ({ kind: 'lost', reason: 'the run was taken back' }), {
			...quick,
			spool: new BatchSpool(folder),
		});
		pusher.push([1]);
		await expect(pusher.flush()).rejects.toMatchObject({ code: 'LEASE_LOST' });
		const left = new BatchSpool(folder);
		expect(left.waiting.map(({ sequence }) => left.read(sequence))).toEqual([[1]]);
	});
});

it('catches up with a server that is slower than the items come, by larger batches', async () => {
	const folder = mkdtempSync(path.join(os.tmpdir(), 'graft-spool-'));
	const server = store();
	const pusher = pusherOf(
		async (sequence, items) => {
			await new Promise((resolve) => setTimeout(resolve, 50));
			return server.keep(sequence, items);
		},
		{ intervalMs: 1, spool: new BatchSpool(folder) },
	);
	for (let item = 0; item < 200; item += 1) {
		pusher.push([item]);
		await new Promise((resolve) => setTimeout(resolve, 2));
	}
	expect(pusher.waiting).toBeLessThan(190);
	await pusher.flush();
	expect(server.items()).toHaveLength(200);
	expect(server.batches.size).toBeLessThan(30);
	rmSync(folder, { recursive: true });
});
