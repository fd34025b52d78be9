import { describe, expect, it, vi } from 'vitest';
import { batchFrames } from './frame-batch';

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
