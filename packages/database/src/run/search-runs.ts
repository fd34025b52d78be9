import type { Session } from '../connection/index.js';
import { leastOf } from './count-runs.sql.js';
import type { ListedRun, RunListPart } from './list-runs.sql.js';
import { demands, type Narrow, type StretchSet } from './narrows.js';
import type { RunKey } from './order-sql.js';
import { type Found, gatherRuns, hasLive, tiesOf, walkRuns } from './read-part.sql.js';
import { isAlwaysThere, keptField } from './run-value-sql.js';

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
export const LOOKS: RunLooks = {
	...{ near: 300, gathered: 2_000, hashed: 20_000, passed: 50_000, stretch: 2_500, far: 15_000, ms: 50 },
	now: () => performance.now(),
};

/** The first runs of a list. Those that have a value for its first field are one list, the others another one behind it. */
export async function searchRuns(session: Session, list: RunListPart, looks: RunLooks): Promise<Found> {
	const [lead, ...rest] = list.orderBy;
	if (lead === undefined) return searchWalk(session, list, looks);
	const { after, limit } = list;
	const isBehind = after !== null && after[0] === null;
	const isWalk = rest.length === 0 && lead.direction === list.idDirection;
	const there = isBehind ? NOTHING : await (isWalk ? searchWalk : searchTies)(session, list, looks);
	const field = keptField(lead.field, lead.direction);
	if (there.end !== null || there.items.length >= limit || isAlwaysThere(field) || demands(list.narrows, field))
		return there;
	const held = [...list.held, { order: lead, value: null }];
	const missing = {
		...list,
		held,
		orderBy: rest,
		after: isBehind ? after.slice(1) : null,
		limit: limit - there.items.length,
	};
	return joined(there.items, await searchRuns(session, missing, looks), null);
}

const NOTHING: Found = { items: [], end: null };

/** What was found of a list whose runs have the same value for the field before. */
function joined(before: readonly ListedRun[], { items, end }: Found, value: string | null): Found {
	const behind = items.map(({ run, key }) => ({ run, key: [value, ...key] }));
	return { items: [...before, ...behind], end: end === null ? null : [value, ...end] };
}

/**
 * In the order of an index. The way follows from what is found on it, in bounded looks, and not from what the planner believes: it
 * cannot know how many of the next runs of an order pass a filter.
 */
async function searchWalk(session: Session, list: RunListPart, looks: RunLooks): Promise<Found> {
	const began = looks.now();
	let found = await walkRuns(session, list, nearOf(list, looks));
	const isDone = () => found.end === null || found.items.length >= list.limit;
	if (isDone()) return found;
	const goOn = async (look: (rest: RunListPart) => Promise<Found>) => {
		const { items, end } = await look({ ...list, after: found.end, limit: list.limit - found.items.length });
		found = { items: [...found.items, ...items], end };
	};
	const least = await leastOf(session, deciding(list), looks.hashed);
	if (least !== null && least.size <= looks.gathered) await goOn((rest) => gatherRuns(session, rest, least.narrow));
	const narrow = least?.narrow ?? null;
	const budget = narrow === null ? looks.stretch : looks.passed;
	const mayGoOn = (looked: number) => looked === 0 || (looked < looks.far && looks.now() - began < looks.ms);
	for (let looked = 0; !isDone() && mayGoOn(looked); looked += looks.stretch)
		await goOn((rest) => walkRuns(session, rest, budget, narrow));
	return found;
}

/** Enough for a page that no filter makes longer. */
const nearOf = ({ limit }: RunListPart, { near }: RunLooks) => Math.max(near, limit);

/** By age, the runs of an experiment are an order of their own. */
function deciding({ orderBy, narrows }: RunListPart): readonly Narrow[] {
	const { field } = orderBy[0] ?? {};
	const byAge = field?.kind === 'column' && field.name === 'queuedAt';
	return byAge ? narrows.filter((sets) => sets[0]?.kind !== 'experiment') : narrows;
}

/**
 * By several fields: the runs of some values of the first are read whole and put in order. Of those that share a value and are too many
 * for that the other fields make a list of its own.
 */
async function searchTies(session: Session, list: RunListPart, looks: RunLooks): Promise<Found> {
	const began = looks.now();
	const [lead, ...rest] = list.orderBy;
	if (lead === undefined) throw new Error('ties are of a field');
	const field = keptField(lead.field, lead.direction);
	let items: readonly ListedRun[] = [];
	let after = list.after as RunKey | null;
	const stretch = (from: string | null, isOpen: boolean, to: string | null): StretchSet => {
		return { kind: 'stretch', field, direction: lead.direction, from, isOpen, to };
	};
	for (let budget = nearOf(list, looks); ; budget = looks.gathered) {
		const part = { ...list, after, limit: list.limit - items.length };
		const isBehind = isBehindTies(after, list);
		let ties = await tiesOf(session, part, budget, isBehind);
		if (ties.isOne && budget < looks.gathered) ties = await tiesOf(session, part, looks.gathered, isBehind);
		const { isOne, until: value } = ties;
		if (value === null || !isOne) {
			const until = value === null ? null : { value, isOpen: false };
			const near = await gatherRuns(session, { ...part, until }, [stretch(after?.[0] ?? null, isBehind, value)]);
			items = [...items, ...near.items];
			after = value === null ? null : behindTies(value, list);
		} else {
			// Of a metric, those at work have values of their own between.
			if (hasLive(part)) {
				const live = await gatherRuns(session, { ...part, until: { value, isOpen: true } }, [{ kind: 'live' }]);
				items = [...items, ...live.items];
			}
			const held = [...part.held, { order: lead, value }];
			const narrows = [...part.narrows, [stretch(value, false, value)]];
			const behind = ties.isAfters ? (after ?? []).slice(1) : null;
			const limit = list.limit - items.length;
			const own = { ...part, held, narrows, orderBy: rest, after: behind, limit };
			const tied = limit > 0 ? joined([], await searchRuns(session, own, looks), value) : NOTHING;
			items = [...items, ...tied.items];
			after = tied.end ?? behindTies(value, list);
		}
		if (after === null || items.length >= list.limit || looks.now() - began >= looks.ms) return { items, end: after };
	}
}

/** A key behind all runs with this value for the first field: nulls come last, and of them the last id. */
const behindTies = (value: string, { orderBy, idDirection }: RunListPart): RunKey => [
	value,
	...orderBy.slice(1).map(() => null),
	LAST_IDS[idDirection],
];
const LAST_IDS = {
	ASC: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
	DESC: '00000000-0000-0000-0000-000000000000',
} as const;
/** Whether a key is such a one, so that nothing with its value comes behind it. */
const isBehindTies = (key: RunKey | null, { idDirection }: RunListPart): boolean =>
	key?.at(-1) === LAST_IDS[idDirection] && key.slice(1, -1).every((value) => value === null);
