/**
 * Collects what arrives and hands it over in one piece at the next tick, so that a burst of frames costs one render.
 * `schedule` asks for a tick and answers how to call it off.
 */
export function batchFrames<Frame>(
	deliver: (frames: readonly Frame[]) => void,
	schedule: (tick: () => void) => () => void,
): { readonly push: (frame: Frame) => void; readonly stop: () => void } {
	let waiting: Frame[] = [];
	let callOff: (() => void) | null = null;
	const tick = () => {
		const frames = waiting;
		waiting = [];
		callOff = null;
		deliver(frames);
	};
	return {
		push(frame) {
			waiting.push(frame);
			callOff ??= schedule(tick);
		},
		stop() {
			callOff?.();
			callOff = null;
			waiting = [];
		},
	};
}

/** A hidden page gets no animation frames; twice a second keeps its data fresh and its buffer small. */
const HIDDEN_MS = 500;

/** Next animation frame, or a timer where the page is not seen. */
export function nextFrame(tick: () => void): () => void {
	if (document.visibilityState === 'hidden') {
		const timer = setTimeout(tick, HIDDEN_MS);
		return () => clearTimeout(timer);
	}
	// The timer covers a page that is hidden between the request and the frame.
	let done = false;
	const once = () => {
		if (done) return;
		done = true;
		cancelAnimationFrame(frame);
		clearTimeout(timer);
		tick();
	};
	const frame = requestAnimationFrame(once);
	const timer = setTimeout(once, HIDDEN_MS);
	return () => {
		done = true;
		cancelAnimationFrame(frame);
		clearTimeout(timer);
	};
}

/** Twenty drawings a second are smooth for a line that grows, and cost a third of sixty. */
const PACE_MS = 50;

/**
 * Ticks at the animation frame, but no more often than this, and where a drawing takes long no more than half of the time: a page
 * that only draws reads nothing, and then everything that it shows is late.
 */
export function paced(
	frame: (tick: () => void) => () => void = nextFrame,
	clock: { readonly now: () => number; readonly after: (ms: number, then: () => void) => () => void } = realClock,
): (tick: () => void) => () => void {
	let nextAt = Number.NEGATIVE_INFINITY;
	return (tick) => {
		const draw = () => {
			const began = clock.now();
			const rest = () => {
				nextAt = began + Math.max(PACE_MS, 2 * (clock.now() - began));
			};
			tick();
			rest();
			// A timer of now comes when what the tick has changed is rendered and painted.
			clock.after(0, rest);
		};
		const wait = nextAt - clock.now();
		if (wait <= 0) return frame(draw);
		let callOff = clock.after(wait, () => {
			callOff = frame(draw);
		});
		return () => callOff();
	};
}

const realClock = {
	now: () => performance.now(),
	after: (ms: number, then: () => void) => {
		const timer = setTimeout(then, ms);
		return () => clearTimeout(timer);
	},
};
