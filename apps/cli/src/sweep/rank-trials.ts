import type { RunLineFragment } from '@graft/client/gql';
import { canonicalJson, type Json, type JsonObject } from '@graft/domain/json';
import { mean } from '@graft/domain/statistics';

/** One run of a sweep as the API tells it. */
export type TrialRun = RunLineFragment & {
	readonly config: unknown;
	readonly summary: { readonly value: number | null } | null;
};

/** One set of values with all its seeds. */
export interface RankedTrial {
	readonly values: JsonObject;
	readonly runs: readonly { readonly id: string; readonly seed: number | null; readonly value: number | null }[];
	/** Mean over the seeds that have finished; null while none has. */
	readonly value: number | null;
}

/** Trials with the best mean first; those without a value come last, in the order of their launch. */
export function rankTrials(
	runs: readonly TrialRun[],
	paths: readonly string[],
	direction: 'MAXIMIZE' | 'MINIMIZE',
): RankedTrial[] {
	const byValues = new Map<string, { values: JsonObject; runs: TrialRun[] }>();
	for (const run of runs) {
		const values = Object.fromEntries(paths.map((path) => [path, valueAt(run, path)]));
		const key = canonicalJson(values);
		const trial = byValues.get(key) ?? { values, runs: [] };
		trial.runs.push(run);
		byValues.set(key, trial);
	}
	const trials = [...byValues.values()].map(({ values, runs: own }) => {
		const known = own.flatMap(({ summary }) => (summary?.value == null ? [] : [summary.value]));
		return {
			values,
			runs: own.map(({ id, seed, summary }) => ({ id, seed, value: summary?.value ?? null })),
			value: known.length === 0 ? null : mean(known),
		};
	});
	const sign = direction === 'MAXIMIZE' ? -1 : 1;
	return trials.sort((a, b) => {
		if (a.value === null || b.value === null) return Number(a.value === null) - Number(b.value === null);
		return sign * (a.value - b.value);
	});
}

/** A run's config holds the swept fields under the paths by which they are swept. */
function valueAt({ config }: TrialRun, path: string): Json {
	let at: unknown = config;
	for (const step of path.split('.')) at = (at as Record<string, unknown> | null | undefined)?.[step];
	return (at ?? null) as Json;
}
