import type { RunRowFragment, RunRowUpdatesSubscription, RunsQuery } from '../gql/graphql';

export type RunRow = RunsQuery['runs']['nodes'][number];
export type RunRowUpdate = RunRowUpdatesSubscription['runUpdates'];
/** What all pages that list runs have at least. */
export type RunHead = RunRowFragment;

export interface RunList {
	readonly runs: readonly RunRow[];
	/** Of the whole filter, loaded or not. */
	readonly totalCount: number;
}

/**
 * The list with updates in place: rows keep their order, an older revision changes nothing, deleted runs leave, and a
 * run that is new stands first, as the newest does.
 */
export function mergeRunUpdates(list: RunList, updates: readonly RunRowUpdate[]): RunList {
	if (updates.length === 0) return list;
	const rows = new Map(list.runs.map((run) => [run.id, run]));
	const added: RunRow[] = [];
	let removed = 0;
	for (const { run, changed } of updates) {
		const known = rows.get(run.id);
		if (changed.includes('deleted')) {
			if (rows.delete(run.id)) removed += 1;
			continue;
		}
		if (known && known.revision > run.revision) continue;
		if (!known) added.push(run);
		rows.set(run.id, run);
	}
	const isNew = new Set(added.map((run) => run.id));
	const kept = [...rows.values()].filter((run) => !isNew.has(run.id));
	const fresh = [...isNew].flatMap((id) => rows.get(id) ?? []).reverse();
	return { runs: [...fresh, ...kept], totalCount: list.totalCount + fresh.length - removed };
}
