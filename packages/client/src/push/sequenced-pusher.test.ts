import { GraftError } from '@graft/domain/error';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PushOutcome, SequencedPusher } from './sequenced-pusher.js';

const away = () => new GraftError('UNAVAILABLE', 'away');
const quick = { intervalMs: 1, retryDelay: () => 1 };

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
		const pusher = new SequencedPusher<number>(async (sequence, items) => keep(sequence, items), { intervalMs: 20 });
		await pusher.push([1]);
		await pusher.push([2, 3]);
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
					const pusher = new SequencedPusher<number>(
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
					for (const items of pushes) await pusher.push(items);
					await pusher.flush();
					expect(server.items()).toEqual(pushes.flat());
				},
			),
			{ numRuns: 50 },
		);
	});

	it('holds the caller back while too much waits, and lets go when the server is back', async () => {
		const server = store();
		let up = false;
		const pusher = new SequencedPusher<number>(
			async (sequence, items) => {
				if (!up) throw away();
				return server.keep(sequence, items);
			},
			{ ...quick, maxBatch: 2, maxQueued: 4 },
		);
		await pusher.push([1, 2, 3, 4]);
		let through = false;
		const held = pusher.push([5, 6, 7]).then(() => {
			through = true;
		});
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(through).toBe(false);
		up = true;
		await held;
		await pusher.flush();
		expect(server.items()).toEqual([1, 2, 3, 4, 5, 6, 7]);
	});

	it('flushes what was pushed before, though more keeps coming', async () => {
		const server = store();
		const pusher = new SequencedPusher<number>(
			async (sequence, items) => {
				const outcome = server.keep(sequence, items);
				// The run goes on: there is never an empty queue.
				void pusher.push([items.length]);
				return outcome;
			},
			{ ...quick, maxBatch: 2 },
		);
		void pusher.push([7, 8, 9]);
		await pusher.flush();
		expect(server.items().slice(0, 3)).toEqual([7, 8, 9]);
		expect(pusher.queued).toBeGreaterThan(0);
		pusher.stop();
	});

	it('stops for good when the lease is lost', async () => {
		const lost: string[] = [];
		let calls = 0;
		const pusher = new SequencedPusher<number>(
			async () => {
				calls += 1;
				return { kind: 'lost', reason: 'run 7 is another worker’s' };
			},
			{ ...quick, onLost: (reason) => lost.push(reason) },
		);
		await pusher.push([1]);
		await expect(pusher.flush()).rejects.toMatchObject({ code: 'LEASE_LOST' });
		await pusher.push([2]);
		await expect(pusher.flush()).rejects.toMatchObject({ code: 'LEASE_LOST' });
		expect({ calls, lost, queued: pusher.queued }).toEqual({
			calls: 1,
			lost: ['run 7 is another worker’s'],
			queued: 0,
		});
	});

	it('names what the server refused', async () => {
		const pusher = new SequencedPusher<number>(async () => ({ kind: 'refused', message: 'Key too long.' }), quick);
		await pusher.push([1]);
		await expect(pusher.flush()).rejects.toMatchObject({
			code: 'BUG',
			message: expect.stringContaining('Key too long.'),
		});
	});

	it('ends the retries and every waiting caller when stopped', async () => {
		const pusher = new SequencedPusher<number>(
			async () => {
				throw away();
			},
			{ ...quick, maxQueued: 1 },
		);
		const held = pusher.push([1, 2]);
		const flushed = pusher.flush();
		pusher.stop();
		await held;
		await expect(flushed).rejects.toMatchObject({ code: 'SHUTDOWN' });
	});
});
