import type { Run } from '@graft/domain/run';
import type { Session } from '../connection/index.js';
import { leastOf } from './count-runs.sql.js';
import type { RunListFilter } from './filter-sql.js';
import { demands, type Narrow, narrowsOf } from './narrows.js';
import type { RunKey, RunOrderField } from './order-sql.js';
import { type Found, gatherRuns, scanRuns, walkRuns } from './read-part.sql.js';
import { isWalk } from './run-sources-sql.js';
import { isAlwaysThere, keptField, type ValueField } from './run-value-sql.js';

export interface RunListing {
	readonly filter: RunListFilter;
	/** At least one. Runs without a value come last in both directions. */
	readonly orderBy: readonly RunOrderField[];
	readonly first: number;
	/** The key of the run to go on after. */
	readonly after: RunKey | null;
}
export interface ListedRun {
	readonly run: Run;
	readonly key: RunKey;
}
export interface RunListPage {
	readonly items: readonly ListedRun[];
	readonly hasNextPage: boolean;
	/** The key to go on after: of the last run of the page, or of one behind it that was looked at and does not pass. */
	readonly end: RunKey | null;
	/** The search ended at its bound before the page was full. */
	readonly isPartial: boolean;
}

/** The part of a page whose runs have, or have not, a value for the first order field. */
export interface RunListPart {
	readonly filter: RunListFilter;
	readonly narrows: readonly Narrow[];
	readonly valued: { readonly field: ValueField; readonly is: 'there' | 'missing' };
	readonly orderBy: readonly RunOrderField[];
	readonly idDirection: 'ASC' | 'DESC';
	readonly after: RunKey | null;
	readonly limit: number;
}

/** One keyset page. */
export async function listRuns(
	session: Session,
	{ filter, orderBy, first, after }: RunListing,
	looks = LOOKS,
): Promise<RunListPage> {
	const lead = orderBy[0];
	if (lead === undefined) throw new Error('a list of runs has an order');
	const wanted = first + 1;
	const field = keptField(lead.field, lead.direction);
	const common = { filter, narrows: narrowsOf(filter), idDirection: lead.direction };
	let found: Found = { items: [], end: null };
	// Two lists, one behind the other: an index serves the runs that have the value, the others have no order by it.
	if (after === null || after[0] !== null)
		found = await read(session, { ...common, valued: { field, is: 'there' }, orderBy, after, limit: wanted }, looks);
	const isMore = found.items.length < wanted && found.end === null;
	if (isMore && !isAlwaysThere(field) && !demands(common.narrows, field)) {
		const behind = after !== null && after[0] === null ? after.slice(1) : null;
		const valued = { field, is: 'missing' } as const;
		const limit = wanted - found.items.length;
		const part = { ...common, valued, orderBy: orderBy.slice(1), after: behind, limit };
		const { items, end } = await read(session, part, looks);
		const lacking = items.map(({ run, key }) => ({ run, key: [null, ...key] }));
		found = { items: [...found.items, ...lacking], end: end === null ? null : [null, ...end] };
	}
	const items = found.items.slice(0, first);
	const isFull = found.items.length > first;
	return {
		items,
		hasNextPage: isFull || found.end !== null,
		end: isFull ? (items.at(-1)?.key ?? null) : (found.end ?? items.at(-1)?.key ?? null),
		isPartial: found.end !== null && items.length < first,
	};
}

/** How far a search goes on the way to a page. What it has found by then is the page, which says where to go on. */
export interface RunLooks {
	/** The next runs in the order of the list: where one in six passes, they fill a page of fifty. */
	readonly near: number;
	/** A set of so many at the most is read whole, put in order, and looked at until the page is full. */
	readonly gathered: number;
	/** One of up to so many is hashed: of the next `passed` runs in the order those alone are looked at that are in it. */
	readonly hashed: number;
	readonly passed: number;
	/** Else so many more of the order at a time, */
	readonly stretch: number;
	/** as long as no more than this have been looked at, */
	readonly far: number;
	/** and that took less than this, by this clock: a look takes 2 µs by age, and 16 where it waits for memory. */
	readonly ms: number;
	readonly now: () => number;
}
const LOOKS: RunLooks = {
	...{ near: 300, gathered: 2_000, hashed: 20_000, passed: 50_000, stretch: 2_500, far: 15_000, ms: 50 },
	now: () => performance.now(),
};

/**
 * The way to the page follows from what is found on it, in bounded looks, and not from what the planner believes: it cannot know
 * how many of the next runs of an order pass a filter.
 */
async function read(session: Session, part: RunListPart, looks: RunLooks): Promise<Found> {
	const began = looks.now();
	// By age, the runs of an experiment are an order of their own.
	const byAge = part.valued.field.kind === 'queuedAt';
	const deciding = byAge ? part.narrows.filter((sets) => sets[0]?.kind !== 'experiment') : part.narrows;
	if (!isWalk(part)) {
		const least = await leastOf(session, deciding, looks.hashed);
		return least === null ? scanRuns(session, part) : gatherRuns(session, part, least.narrow);
	}
	let found = await walkRuns(session, part, looks.near);
	const isDone = () => found.end === null || found.items.length >= part.limit;
	if (isDone()) return found;
	const goOn = async (look: (rest: RunListPart) => Promise<Found>) => {
		const { items, end } = await look({ ...part, after: found.end, limit: part.limit - found.items.length });
		found = { items: [...found.items, ...items], end };
	};
	const least = await leastOf(session, deciding, looks.hashed);
	if (least !== null && least.size <= looks.gathered) await goOn((rest) => gatherRuns(session, rest, least.narrow));
	const narrow = least?.narrow ?? null;
	const budget = narrow === null ? looks.stretch : looks.passed;
	for (let looked = 0; !isDone() && looked < looks.far && looks.now() - began < looks.ms; looked += looks.stretch)
		await goOn((rest) => walkRuns(session, rest, budget, narrow));
	return found;
}
