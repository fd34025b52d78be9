import { useCallback, useEffect, useRef } from 'react';

/** Calls `action` at most once in `ms`: at once where it rested, else when the time is over. */
export function useThrottled(action: () => void, ms: number): () => void {
	const latest = useRef(action);
	const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
	const ranAt = useRef(0);
	useEffect(() => {
		latest.current = action;
	});
	useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
	return useCallback(() => {
		if (timer.current !== null) return;
		const wait = Math.max(0, ranAt.current + ms - performance.now());
		timer.current = setTimeout(() => {
			timer.current = null;
			ranAt.current = performance.now();
			latest.current();
		}, wait);
	}, [ms]);
}
