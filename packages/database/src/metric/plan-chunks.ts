import { CLOSED_AT, type SequencedPoints } from './close-chunks.js';

/** Bounds the memory of one compaction: some 30 bytes a point. */
export const POINTS_AT_ONCE = 1_000_000;

/** An open chunk of a series, or all of its closed ones together, which come first and have no position. */
export interface KnownChunk {
	readonly key: string;
	readonly position: number | null;
	readonly count: number;
	readonly maxStep: number;
}

/** What of a series is written anew. */
export interface Plan {
	readonly key: string;
	/** Where the chunks that are to be written begin, and the largest step of those before. */
	readonly from: number;
	readonly after: number | null;
	/** There are open chunks from there on, which are joined with the fresh points. */
	readonly joins: boolean;
	/** How many that makes, fresh ones and those of the chunks that are joined. */
	readonly points: number;
}

/**
 * The series that are written anew, in groups of at most POINTS_AT_ONCE points (one series at least): a run of thousands of keys
 * has all its open chunks joined at the same time. `ended`: nothing follows.
 */
export function planChunks(
	stored: ReadonlyMap<string, readonly KnownChunk[]>,
	fresh: ReadonlyMap<string, SequencedPoints>,
	ended: boolean,
): Plan[][] {
	const groups: Plan[][] = [];
	let room = 0;
	for (const key of new Set([...fresh.keys(), ...stored.keys()])) {
		const plan = planOf(key, stored.get(key) ?? [], { fresh: fresh.get(key)?.points.steps.length ?? 0, ended });
		if (plan.points === 0) continue;
		if (groups.length === 0 || plan.points > room) {
			groups.push([]);
			room = POINTS_AT_ONCE;
		}
		groups.at(-1)?.push(plan);
		room -= plan.points;
	}
	return groups;
}

/**
 * Open chunks are joined with what comes behind them once that is as much as they hold: so each is larger than all behind it
 * together, a reader meets a dozen of them at the most, and a point is moved as often before its chunk is closed. All of them are joined
 * where they make a closed chunk, or nothing follows.
 */
function planOf(key: string, stored: readonly KnownChunk[], { fresh, ended }: { fresh: number; ended: boolean }): Plan {
	const openPoints = stored.reduce((sum, { position, count }) => sum + (position === null ? 0 : count), 0);
	const all = ended || openPoints + fresh >= CLOSED_AT;
	let points = fresh;
	let keep = stored.length;
	for (; keep > 0; keep--) {
		const { position, count } = stored[keep - 1] as KnownChunk;
		if (position === null || !(all || count <= points)) break;
		points += count;
	}
	const kept = stored.slice(0, keep);
	return {
		...{ key, points, joins: keep < stored.length },
		from: kept.reduce((sum, { count }) => sum + count, 0),
		after: kept.reduce<number | null>((last, { maxStep }) => Math.max(last ?? 0, maxStep), null),
	};
}
