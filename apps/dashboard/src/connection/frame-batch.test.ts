import { describe, expect, it, vi } from 'vitest';
import { batchFrames, paced } from './frame-batch';

function handClock() {
	let pending: (() => void) | null = null;
	return {
		schedule: (tick: () => void) => {
			pending = tick;
			return () => {
				pending = null;
			};
		},
		tick: () => pending?.(),
	};
}

describe('batchFrames', () => {
	it('hands a burst over once, in order', () => {
		const clock = handClock();
		const deliver = vi.fn();
		const batch = batchFrames<number>(deliver, clock.schedule);
		for (const frame of [1, 2, 3]) batch.push(frame);
		expect(deliver).not.toHaveBeenCalled();
		clock.tick();
		batch.push(4);
		clock.tick();
		expect(deliver.mock.calls).toEqual([[[1, 2, 3]], [[4]]]);
	});

	it('drops what waits when it is stopped', () => {
		const clock = handClock();
		const deliver = vi.fn();
		const batch = batchFrames<number>(deliver, clock.schedule);
		batch.push(1);
		batch.stop();
		clock.tick();
		expect(deliver).not.toHaveBeenCalled();
	});
});

describe('paced', () => {
	/** Time that passes by hand; a drawing takes `cost`. */
	function scene(cost: number) {
		let now = 0;
		let timers: { readonly at: number; readonly then: () => void }[] = [];
		const drawn: number[] = [];
		const after = (ms: number, then: () => void) => {
			const timer = { at: now + ms, then };
			timers.push(timer);
			return () => {
				timers = timers.filter((one) => one !== timer);
			};
		};
		const frame = (tick: () => void) => after(0, tick);
		const batch = batchFrames<number>(
			() => {
				drawn.push(now);
				now += cost;
			},
			paced(frame, { now: () => now, after }),
		);
		const run = (until: number) => {
			for (; now < until; now += 1) {
				batch.push(now);
				const due = timers.filter(({ at }) => at <= now);
				timers = timers.filter(({ at }) => at > now);
				for (const { then } of due) then();
			}
		};
		return { batch, run, drawn };
	}

	it('draws at once after a rest, and then every 50 ms', () => {
		const { run, drawn } = scene(1);
		run(500);
		expect(drawn[0]).toBeLessThanOrEqual(1);
		expect(drawn.length).toBeGreaterThanOrEqual(9);
		expect(drawn.length).toBeLessThanOrEqual(11);
	});

	it('leaves half of the time to a page whose drawing is slow', () => {
		const { run, drawn } = scene(200);
		run(4_000);
		expect(drawn.length).toBeGreaterThanOrEqual(9);
		expect(drawn.length).toBeLessThanOrEqual(11);
	});
});
