import type { Run } from '@graft/domain/run';
import type { Session } from '../connection/index.js';
import type { RunListFilter } from './filter-sql.js';
import { type Narrow, narrowsOf } from './narrows.js';
import type { RunKey, RunOrderField } from './order-sql.js';
import { LOOKS, searchRuns } from './search-runs.js';

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

/** Runs that follow each other in a list. */
export interface RunListPart {
	readonly filter: RunListFilter;
	readonly narrows: readonly Narrow[];
	/** What the fields before these have fixed. */
	readonly held: readonly Held[];
	/** Of the runs that have a value for the first of them; of all, by their ids, where there is none. */
	readonly orderBy: readonly RunOrderField[];
	readonly idDirection: 'ASC' | 'DESC';
	readonly after: RunKey | null;
	/** No further than this value of the first field. */
	readonly until?: Until | null;
	readonly limit: number;
}
/** A value as a key has it; `isOpen`: without the runs that have it. */
export interface Until {
	readonly value: string;
	readonly isOpen: boolean;
}
/** The runs that have this value for the field, as a key has it; null: that have none. */
export interface Held {
	readonly order: RunOrderField;
	readonly value: string | null;
}

/** One keyset page. */
export async function listRuns(
	session: Session,
	{ filter, orderBy, first, after }: RunListing,
	looks = LOOKS,
): Promise<RunListPage> {
	const idDirection = orderBy[0]?.direction;
	if (idDirection === undefined) throw new Error('a list of runs has an order');
	const list = { filter, narrows: narrowsOf(filter), held: [], orderBy, idDirection, after, limit: first + 1 };
	const found = await searchRuns(session, list, looks);
	const items = found.items.slice(0, first);
	const isFull = found.items.length > first;
	return {
		items,
		hasNextPage: isFull || found.end !== null,
		end: isFull ? (items.at(-1)?.key ?? null) : (found.end ?? items.at(-1)?.key ?? null),
		isPartial: found.end !== null && items.length < first,
	};
}
