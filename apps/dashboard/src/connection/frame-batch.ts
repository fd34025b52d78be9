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
