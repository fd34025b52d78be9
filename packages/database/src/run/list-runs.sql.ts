import type { Run } from '@graft/domain/run';
import type { Session } from '../connection/index.js';
import { leastOf } from './count-runs.sql.js';
import type { RunListFilter } from './filter-sql.js';
import { demands, type Narrow, narrowsOf } from './narrow-sql.js';
import type { RunKey, RunOrderField } from './order-sql.js';
import { gatherRuns, scanRuns, walkRuns } from './read-part.sql.js';
import { isWalk } from './run-sources-sql.js';
import { keptField, type ValueField } from './run-value-sql.js';

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

/** A page, or the part of it whose runs have, or have not, a value for the first order field. */
export interface RunListPart {
	readonly filter: RunListFilter;
	readonly narrows: readonly Narrow[];
	/** Null: every run has what it is ordered by. */
	readonly valued: { readonly field: ValueField; readonly is: 'there' | 'missing' } | null;
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
): Promise<{ items: readonly ListedRun[]; hasNextPage: boolean }> {
	const lead = orderBy[0];
	if (lead === undefined) throw new Error('a list of runs has an order');
	const wanted = first + 1;
	const common = { filter, narrows: narrowsOf(filter), idDirection: lead.direction };
	const field = keptField(lead.field, lead.direction);
	const items: ListedRun[] = [];
	if (field === null)
		items.push(...(await read(session, { ...common, valued: null, orderBy, after, limit: wanted }, looks)));
	else {
		// Two lists, one behind the other: an index serves the runs that have the value, the others have no order by it.
		if (after === null || after[0] !== null) {
			const valued = { field, is: 'there' } as const;
			items.push(...(await read(session, { ...common, valued, orderBy, after, limit: wanted }, looks)));
		}
		if (items.length < wanted && !isAlwaysThere(field) && !demands(common.narrows, field)) {
			const valued = { field, is: 'missing' } as const;
			const behind = after !== null && after[0] === null ? after.slice(1) : null;
			const part = { ...common, valued, orderBy: orderBy.slice(1), after: behind, limit: wanted - items.length };
			items.push(...(await read(session, part, looks)).map(({ run, key }) => ({ run, key: [null, ...key] })));
		}
	}
	return { items: items.slice(0, first), hasNextPage: items.length > first };
}

const isAlwaysThere = (field: ValueField): boolean =>
	field.kind === 'value' && (field.path === '.name' || field.path === '.status');

/** How many runs are looked at on the way to a page before another way is taken. */
export interface RunLooks {
	/** The next ones in the order of the list: where one in twenty passes, they fill a page of fifty. */
	readonly near: number;
	/**
	 * A set of so many at the most is read whole and sorted. Of a million runs a page of fifty is either in such a set or, one run in
	 * 140 passing, among the next 7,000 of the order.
	 */
	readonly gathered: number;
	/** Beyond so many, what the filter demands is intersected first: several common conditions that are rarely met together. */
	readonly far: number;
}
const LOOKS: RunLooks = { near: 1_000, gathered: 7_000, far: 20_000 };

/**
 * The way to the page follows from what is found on it, in bounded looks, and not from what the planner believes: it cannot know
 * how many of the next runs of an order pass a filter.
 */
async function read(session: Session, part: RunListPart, looks: RunLooks): Promise<readonly ListedRun[]> {
	const { narrows, limit } = part;
	// By age, the runs of an experiment are an order of their own.
	const deciding = part.valued === null ? narrows.filter((sets) => sets[0]?.kind !== 'experiment') : narrows;
	if (deciding.length === 0) return scanRuns(session, part);
	const least = await leastOf(session, narrows, looks.gathered);
	if (least !== null && least.size <= looks.near) return gatherRuns(session, part, [least.narrow]);
	if (isWalk(part)) {
		const near = await walkRuns(session, part, looks.near);
		if (near.whole || near.items.length >= limit) return near.items;
	}
	if (least !== null) return gatherRuns(session, part, [least.narrow]);
	if (!isWalk(part)) return scanRuns(session, part);
	const far = await walkRuns(session, part, looks.far);
	return far.whole || far.items.length >= limit ? far.items : gatherRuns(session, part, narrows);
}
