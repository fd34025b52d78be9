/**
 * A signal that aborts with the caller's, or when the time is over. `AbortSignal.timeout` would live on for its whole time after the
 * answer, and `any` leaves a trace at the caller's signal: a script that sends twenty batches a second collects thousands of
 * both, and its collector's pauses with them.
 */
export function deadline(
	ms: number,
	outer?: AbortSignal,
): { readonly signal: AbortSignal; readonly isOver: () => boolean; readonly clear: () => void } {
	const controller = new AbortController();
	let over = false;
	const timer = setTimeout(() => {
		over = true;
		controller.abort();
	}, ms);
	const follow = () => controller.abort(outer?.reason);
	outer?.addEventListener('abort', follow, { once: true });
	if (outer?.aborted) follow();
	return {
		signal: controller.signal,
		isOver: () => over,
		clear: () => {
			clearTimeout(timer);
			outer?.removeEventListener('abort', follow);
		},
	};
}
