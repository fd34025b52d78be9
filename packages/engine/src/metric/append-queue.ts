import type { Database } from '@graft/database/connection';
import { appendMetricGroup, type MetricAppend } from '@graft/database/metric';
import { GraftError } from '@graft/domain/error';

/** Statements under way at once: while one is written to disk, the next one is made ready. */
const STATEMENTS = 2;
/** Bounds the memory of one statement; some 16 bytes a point. */
const POINTS_AT_ONCE = 200_000;

/** Stores the batches of one moment together. */
export interface AppendQueue {
	/** The number of the attempt that has it now; null: its gate was shut, or somebody else had the attempt locked. */
	append(one: MetricAppend): Promise<number | null>;
}

interface Waiting extends MetricAppend {
	readonly resolve: (attempt: number | null) => void;
	readonly reject: (error: unknown) => void;
}

/**
 * Batches of different runs that wait for the database at the same time become one statement: a process that is asked
 * more than it can do one by one makes larger groups instead of a queue, and one that is not never waits. Batches of one run are
 * stored one after the other.
 */
export function createAppendQueue(database: Database): AppendQueue {
	let waiting: Waiting[] = [];
	const runsUnderWay = new Set<string>();
	let statements = 0;
	let asked = false;

	function takeGroup(): Waiting[] {
		const group: Waiting[] = [];
		const left: Waiting[] = [];
		let points = 0;
		for (const one of waiting) {
			const fits = group.length === 0 || points < POINTS_AT_ONCE;
			if (!fits || runsUnderWay.has(one.runId)) {
				left.push(one);
				continue;
			}
			runsUnderWay.add(one.runId);
			group.push(one);
			points += one.batch.series.reduce((sum, { steps }) => sum + steps.length, 0);
		}
		waiting = left;
		return group;
	}

	async function store(group: readonly Waiting[]): Promise<void> {
		try {
			const attempts = await appendMetricGroup(database, group);
			for (const [index, one] of group.entries()) one.resolve(attempts[index] ?? null);
		} catch (error) {
			// Of a statement that PostgreSQL refused nothing is stored, and one batch must not fail the others.
			const isRefused = !(error instanceof GraftError);
			if (isRefused && group.length > 1) for (const one of group) await store([one]);
			else for (const one of group) one.reject(error);
		}
	}

	function pump(): void {
		asked = false;
		while (statements < STATEMENTS) {
			const group = takeGroup();
			if (group.length === 0) return;
			statements += 1;
			void store(group).then(() => {
				statements -= 1;
				for (const { runId } of group) runsUnderWay.delete(runId);
				ask();
			});
		}
	}

	/** What arrives in the same turn of the event loop goes together. */
	function ask(): void {
		if (asked || waiting.length === 0) return;
		asked = true;
		setImmediate(pump);
	}

	return {
		append: (one) =>
			new Promise((resolve, reject) => {
				waiting.push({ ...one, resolve, reject });
				ask();
			}),
	};
}
