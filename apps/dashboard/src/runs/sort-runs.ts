import type { RunStatus } from '@graft/domain/run';
import type { RunRow } from './merge-runs';

export const SORT_KEYS = ['status', 'name', 'strategy', 'seed', 'result', 'seconds', 'queued'] as const;
export type SortKey = (typeof SORT_KEYS)[number];
export interface Sort {
	readonly key: SortKey;
	readonly descending: boolean;
}

/** As it stands in the URL: `result` ascending, `-result` descending. */
export function parseSort(text: string): Sort {
	const descending = text.startsWith('-');
	const key = SORT_KEYS.find((candidate) => candidate === text.replace(/^-/, ''));
	return key ? { key, descending } : { key: 'queued', descending: true };
}
export function formatSort({ key, descending }: Sort): string {
	return `${descending ? '-' : ''}${key}`;
}

/** What is going on first, then what waits, then what ended. */
const STATUS_ORDER: Record<RunStatus, number> = {
	RUNNING: 0,
	QUEUED: 1,
	PAUSED: 2,
	FAILED: 3,
	SUCCEEDED: 4,
	PRUNED: 5,
	CANCELLED: 6,
};

/** Seconds from the first start to the end; null before. */
export function runSeconds(run: Pick<RunRow, 'startedAt' | 'finishedAt'>): number | null {
	return run.startedAt && run.finishedAt ? (Date.parse(run.finishedAt) - Date.parse(run.startedAt)) / 1000 : null;
}

type Comparable = number | string | null;
const readValue: Record<SortKey, (run: RunRow) => Comparable> = {
	status: (run) => STATUS_ORDER[run.status],
	name: (run) => run.name,
	strategy: (run) => run.strategyLabel,
	seed: (run) => run.seed,
	result: (run) => run.summary?.value ?? null,
	seconds: runSeconds,
	queued: (run) => Date.parse(run.queuedAt),
};

/** What has no value stands last in either direction; equals stand newest first, so that rows do not dance. */
export function sortRuns(runs: readonly RunRow[], { key, descending }: Sort): RunRow[] {
	const read = readValue[key];
	return [...runs].sort((a, b) => {
		const left = read(a);
		const right = read(b);
		if (left === null || right === null) {
			if (left !== right) return left === null ? 1 : -1;
		} else if (left !== right) {
			return (left < right ? -1 : 1) * (descending ? -1 : 1);
		}
		return Date.parse(b.queuedAt) - Date.parse(a.queuedAt) || (a.id < b.id ? -1 : 1);
	});
}

/** About how long until these runs have ended, from those that have; null where nothing says so. */
export function remainingSeconds(runs: readonly RunRow[]): number | null {
	const running = runs.filter((run) => run.status === 'RUNNING');
	const queued = runs.filter((run) => run.status === 'QUEUED').length;
	if (running.length + queued === 0) return null;
	const ended = runs.filter((run) => run.status === 'SUCCEEDED').flatMap((run) => runSeconds(run) ?? []);
	const each = ended.length > 0 ? ended.reduce((sum, seconds) => sum + seconds, 0) / ended.length : null;
	const etas = running.map((run) => run.progress?.etaSeconds ?? (each === null ? null : each / 2));
	if (etas.includes(null) || (queued > 0 && each === null)) return null;
	const work = etas.reduce<number>((sum, eta) => sum + (eta ?? 0), 0) + queued * (each ?? 0);
	return work / Math.max(1, running.length);
}
