/** Runs whose stream a page follows at most: a browser cannot draw more live lines than a person could tell apart. */
export const MAX_FOLLOWED = 100;

/**
 * The runs to stream. The set stays as it is while it holds every active run, since another set means another
 * subscription, and runs that ended cost nothing.
 */
export function runsToFollow(
	followed: readonly string[],
	runs: readonly { readonly id: string; readonly status: string }[],
): readonly string[] {
	const active = [
		...runs.filter((run) => run.status === 'RUNNING'),
		...runs.filter((run) => run.status === 'QUEUED' || run.status === 'PAUSED'),
	]
		.slice(0, MAX_FOLLOWED)
		.map((run) => run.id);
	const known = new Set(followed);
	if (active.every((id) => known.has(id))) return followed;
	const wanted = new Set(active);
	return [...active, ...followed.filter((id) => !wanted.has(id))].slice(0, MAX_FOLLOWED);
}

/**
 * Which metric to draw first. The one that decides, unless it is measured once at the end: then its twin on the
 * validation split, which has a course.
 */
export function curveMetric(deciding: string, keys: readonly string[]): string {
	const twin = deciding.replace(/^test_/, 'val_');
	if (twin !== deciding && (keys.length === 0 || keys.includes(twin))) return twin;
	return keys.length === 0 || keys.includes(deciding) ? deciding : (keys[0] as string);
}
