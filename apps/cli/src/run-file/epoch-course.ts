import { RunCourseDocument, type RunCourseQuery } from '@graft/client/gql';
import { decodeList, type GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import { type Column, renderTable } from '../terminal/table.js';

/** What is measured after each epoch, and once at the end. */
const MEASURES = ['loss', 'accuracy', 'mae', 'perplexity'] as const;
const EACH_EPOCH = MEASURES.flatMap((measure) => [`train_${measure}`, `val_${measure}`]);
const AT_THE_END = MEASURES.map((measure) => `test_${measure}`);

type FoundRun = NonNullable<RunCourseQuery['run']>;

/** A run from its first epoch to its end. */
export interface RunCourse extends Pick<FoundRun, 'id' | 'name' | 'status' | 'seed' | 'failure' | 'verification'> {
	/** Metrics by key after each epoch. */
	readonly epochs: readonly Readonly<Record<string, number>>[];
	/** Of the test split, where there is one. */
	readonly test: Readonly<Record<string, number>>;
}

export async function readCourse(client: GraftClient, id: string): Promise<RunCourse> {
	const keys = ['epoch', ...EACH_EPOCH, ...AT_THE_END];
	const { run, metricSeries } = await client.request(RunCourseDocument, { id, keys });
	if (run === null) throw new GraftError('CONFIGURATION', `There is no run ${id} any more.`);
	const series = new Map(
		metricSeries.map(({ key, steps, mean }) => [key, pointsOf(decodeList(steps), decodeList(mean))]),
	);
	const steps = [...(series.get('epoch')?.keys() ?? [])];
	const at = (step: number, names: readonly string[]) =>
		Object.fromEntries(
			names.flatMap((key) => {
				const value = series.get(key)?.get(step);
				return value === undefined ? [] : [[key, value] as const];
			}),
		);
	const last = Object.fromEntries(
		AT_THE_END.flatMap((key) => [...(series.get(key)?.values() ?? [])].slice(-1).map((value) => [key, value] as const)),
	);
	return { ...run, epochs: steps.map((step) => at(step, EACH_EPOCH)), test: last };
}

const pointsOf = (steps: Float64Array, values: Float64Array): ReadonlyMap<number, number> =>
	new Map(Array.from(steps, (step, index) => [step, values[index] ?? Number.NaN]));

/** A line for each epoch, as Keras' `fit` prints them. */
export function courseLines({ name, epochs, test }: RunCourse): string[] {
	const keys = EACH_EPOCH.filter((key) => epochs.some((epoch) => key in epoch));
	const columns: Column[] = ['epoch', ...keys].map((title) => ({ title, align: 'right' }));
	const rows = epochs.map((epoch, index) => [String(index + 1), ...keys.map((key) => epoch[key]?.toFixed(4) ?? '')]);
	const end = Object.entries(test).map(([key, value]) => `${key} ${value.toFixed(4)}`);
	return [name, ...renderTable(columns, rows), ...(end.length === 0 ? [] : [end.join('  ')])];
}
