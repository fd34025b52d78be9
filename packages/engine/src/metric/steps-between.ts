import type { Database } from '@graft/database/connection';
import { type CellQuery, readCells } from '@graft/database/metric';
import type { Cells } from '@graft/domain/metric';
import type { RunAxis } from './axis.js';

export interface Series {
	readonly runId: string;
	readonly key: string;
}
/** A range of an axis; null: from the beginning, to the end. */
export interface AxisRange {
	readonly from: number | null;
	readonly to: number | null;
}

/**
 * The first and the last step of each series that lie in the range; series with none are absent. By time only the points know: a
 * step is then where its first finite point is, and the first NaN and infinity of it, and what is answered is exact where times do
 * not fall while steps rise, however long the series. Points that came late among earlier steps are found where their cell begins.
 */
export async function stepsBetween(
	database: Database,
	wanted: readonly Series[],
	axes: ReadonlyMap<string, RunAxis>,
	{ from, to, attempt }: AxisRange & { readonly attempt: number | null },
): Promise<CellQuery[]> {
	if (from === null && to === null) return wanted.map((series) => ({ ...series, from, to }));
	const byTime = wanted.filter(({ runId }) => axes.get(runId)?.steps(from, to) === null);
	const look = (windows: readonly CellQuery[]) => marksOf(database, windows, axes, attempt);
	const whole = await look(byTime.map((series) => ({ ...series, from: null, to: null })));
	const [firsts, lasts] = await Promise.all([
		from === null ? null : closeIn(whole, look, (marks) => firstFrom(marks, from)),
		to === null ? null : closeIn(whole, look, (marks) => lastUpTo(marks, to)),
	]);
	return wanted.flatMap((series) => {
		const steps = axes.get(series.runId)?.steps(from, to);
		if (steps === undefined) return [];
		if (steps !== null) return [{ ...series, ...steps }];
		const [first, last] = [firsts?.get(idOf(series)) ?? null, lasts?.get(idOf(series)) ?? null];
		const isEmpty = (from !== null && first === null) || (to !== null && last === null);
		return isEmpty || (first !== null && last !== null && first > last) ? [] : [{ ...series, from: first, to: last }];
	});
}

const idOf = ({ runId, key }: Series): string => `${runId} ${key}`;

/** Cells of one look. A million points are known step by step after two of them, 10^9 after three. */
const LOOK = 2_000;

/** Where some of a series' steps are on the axis, in order of steps: the first point of each cell, and the first NaN or infinity. */
interface Marks extends Series {
	readonly steps: readonly { readonly step: number; readonly at: number }[];
	/** Steps of a cell; of 1, every step is known. */
	readonly width: number;
}
type Look = (windows: readonly CellQuery[]) => Promise<readonly Marks[]>;

async function marksOf(
	database: Database,
	windows: readonly CellQuery[],
	axes: ReadonlyMap<string, RunAxis>,
	attempt: number | null,
): Promise<readonly Marks[]> {
	if (windows.length === 0) return [];
	const { cells: found } = await readCells(database, windows, { buckets: LOOK, level: null, attempt });
	return windows.flatMap(({ runId, key }) => {
		const [cells, axis] = [found.get(runId)?.get(key), axes.get(runId)];
		return cells === undefined || axis === undefined ? [] : [{ runId, key, ...marksOfCells(cells, axis) }];
	});
}

function marksOfCells({ level, firstStep, firstTime, nonFinite }: Cells, axis: RunAxis): Omit<Marks, keyof Series> {
	const finite = Array.from(firstStep, (step, index) => ({ step, at: axis.of(step, firstTime[index] as number) }));
	const others = nonFinite.map(({ step, time }) => ({ step, at: axis.of(step, time) }));
	return { width: 2 ** level, steps: [...finite, ...others].sort((a, b) => a.step - b.step) };
}

/** What a look says of the step that is searched for: it is `found`, unless a better one lies among the steps of `window`. */
interface Finding {
	readonly found: number | null;
	readonly window: { readonly from: number; readonly to: number } | null;
}

/** Looks again, and closer, where the step that is searched for may hide within a cell, until none may. */
async function closeIn(
	whole: readonly Marks[],
	look: Look,
	find: (marks: Marks) => Finding,
): Promise<ReadonlyMap<string, number>> {
	const known = new Map<string, number>();
	for (let open = whole; open.length > 0; ) {
		const windows: CellQuery[] = [];
		for (const marks of open) {
			const { found, window } = find(marks);
			if (found !== null) known.set(idOf(marks), found);
			if (marks.width > 1 && window !== null) windows.push({ runId: marks.runId, key: marks.key, ...window });
		}
		open = await look(windows);
	}
	return known;
}

/** The first step at `from` or behind it. A better one lies behind the mark before it, in the same cell. */
function firstFrom({ steps, width }: Marks, from: number): Finding {
	const index = steps.findIndex(({ at }) => at >= from);
	const before = steps.at(index < 0 ? -1 : index - 1);
	const found = steps[index]?.step ?? null;
	if (before === undefined || index === 0) return { found, window: null };
	return {
		found,
		window: { from: before.step, to: Math.min(endOfCell(before.step, width), found ?? before.step + width) },
	};
}

/** The last step at `to` or before it. A better one lies behind it, in the same cell. */
function lastUpTo({ steps, width }: Marks, to: number): Finding {
	const last = steps.findLast(({ at }) => at <= to);
	if (last === undefined) return { found: null, window: null };
	return { found: last.step, window: { from: last.step, to: endOfCell(last.step, width) } };
}

const endOfCell = (step: number, width: number): number => (Math.floor(step / width) + 1) * width - 1;
