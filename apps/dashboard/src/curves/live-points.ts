/** Points of one metric of one run, as far as they are known. Ascending in x. */
export interface Points {
	/** Attempt that the newest points are from. */
	readonly attempt: number;
	readonly x: readonly number[];
	readonly y: readonly number[];
}
export interface Frame {
	readonly runId: string;
	readonly attempt: number;
	readonly key: string;
	readonly steps: ArrayLike<number>;
	readonly values: ArrayLike<number>;
}
export type PointMap = ReadonlyMap<string, Points>;

export const pointsKey = (runId: string, key: string): string => `${runId}/${key}`;

/**
 * Adds frames to what is known. Frames that come again (a stream that began anew) change nothing. A later attempt
 * takes the place of what earlier ones logged from its first step on; a frame of an earlier attempt is too late.
 */
export function mergeFrames(known: PointMap, frames: readonly Frame[]): PointMap {
	if (frames.length === 0) return known;
	const next = new Map(known);
	const fresh = new Set<string>();
	for (const frame of frames) {
		const key = pointsKey(frame.runId, frame.key);
		const before = next.get(key);
		if (before && frame.attempt < before.attempt) continue;
		const steps = Array.from(frame.steps);
		const values = Array.from(frame.values);
		if (steps.length === 0) continue;
		if (!before) {
			next.set(key, { attempt: frame.attempt, x: steps, y: values });
			fresh.add(key);
			continue;
		}
		const rewinds = frame.attempt > before.attempt;
		const keep = rewinds ? countBelow(before.x, steps[0] as number) : before.x.length;
		const last = keep > 0 ? (before.x[keep - 1] as number) : Number.NEGATIVE_INFINITY;
		const from = steps.findIndex((step) => step > last);
		if (from < 0 && !rewinds) continue;
		// One copy a batch of frames: arrays that this call made may grow in place.
		const grow = fresh.has(key) && keep === before.x.length;
		const x = grow ? (before.x as number[]) : before.x.slice(0, keep);
		const y = grow ? (before.y as number[]) : before.y.slice(0, keep);
		for (let at = Math.max(0, from); from >= 0 && at < steps.length; at += 1) {
			x.push(steps[at] as number);
			y.push(values[at] as number);
		}
		next.set(key, { attempt: frame.attempt, x, y });
		fresh.add(key);
	}
	return next;
}

/** How many of the ascending positions are below `limit`. */
function countBelow(ascending: readonly number[], limit: number): number {
	let low = 0;
	let high = ascending.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((ascending[middle] as number) < limit) low = middle + 1;
		else high = middle;
	}
	return low;
}

/** Points of a thin line that a chart draws; more of them are closer together than its pixels. */
const POINTS_DRAWN = 400;

/**
 * The points, or where there are many the means over equal stretches of x, as stored curves are drawn. The stretches are a
 * power of two wide and lie on one grid, so that lines of many runs meet at the same places.
 */
export function thinned(points: Pick<Points, 'x' | 'y'>): Pick<Points, 'x' | 'y'> {
	const { x, y } = points;
	if (x.length <= POINTS_DRAWN) return points;
	const span = (x[x.length - 1] as number) - (x[0] as number);
	const width = 2 ** Math.ceil(Math.log2(span / POINTS_DRAWN));
	const means = { x: [] as number[], y: [] as number[] };
	for (let from = 0; from < x.length; ) {
		const stretch = Math.floor((x[from] as number) / width);
		let [sum, count, to] = [0, 0, from];
		for (; to < x.length && Math.floor((x[to] as number) / width) === stretch; to += 1) {
			const value = y[to] as number;
			if (!Number.isFinite(value)) continue;
			sum += value;
			count += 1;
		}
		means.x.push(x[from] as number);
		means.y.push(count === 0 ? Number.NaN : sum / count);
		from = to;
	}
	return means;
}

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
