import type { RunStatus } from '@graft/domain/run';
import { setting } from '../format/numbers';
import type { Direction, SweepTrialsQuery } from '../gql/graphql';

type TrialRun = NonNullable<SweepTrialsQuery['sweep']>['trials']['nodes'][number];

export interface Trial {
	readonly key: string;
	/** One text a swept field. */
	readonly values: readonly string[];
	/** Over the seeds that have a result; null before the first. */
	readonly mean: number | null;
	readonly n: number;
	readonly plan: TrialRun['freezePlan'];
	readonly runs: readonly { readonly id: string; readonly status: RunStatus }[];
}

/** The swept fields of a sweep's space, whichever of its two forms it has: a list of parameters, or one key a path. */
export function spacePaths(space: unknown): string[] {
	const parameters = (space as { parameters?: readonly { path?: unknown }[] } | null)?.parameters;
	if (Array.isArray(parameters)) return parameters.map((parameter) => String(parameter.path));
	return space !== null && typeof space === 'object' ? Object.keys(space) : [];
}

/** Runs with the same values are one trial with several seeds. Best first; trials without a result last. */
export function rankTrials(runs: readonly TrialRun[], paths: readonly string[], direction: Direction): Trial[] {
	const groups = new Map<string, TrialRun[]>();
	for (const run of runs) {
		const key = paths.map((path) => valueText(run, path)).join('\u0000');
		groups.set(key, [...(groups.get(key) ?? []), run]);
	}
	const sign = direction === 'MAXIMIZE' ? -1 : 1;
	return [...groups]
		.map(([key, members]): Trial => {
			const results = members.flatMap((run) => run.summary?.value ?? []);
			return {
				key,
				values: paths.map((path) => (members[0] ? valueText(members[0], path) : '–')),
				mean: results.length === 0 ? null : results.reduce((sum, value) => sum + value, 0) / results.length,
				n: results.length,
				plan: members[0]?.freezePlan ?? null,
				runs: members.map(({ id, status }) => ({ id, status })),
			};
		})
		.sort((a, b) => {
			if (a.mean === null || b.mean === null) return a.mean === b.mean ? 0 : a.mean === null ? 1 : -1;
			return sign * (a.mean - b.mean);
		});
}

/** `strategy.learningRate` of the run's strategy, `batchSize` of its config. */
function valueText(run: TrialRun, path: string): string {
	const from = path.startsWith('strategy.') ? { strategy: run.strategy } : run.config;
	const value = path
		.split('.')
		.reduce<unknown>((inner, name) => (inner as Record<string, unknown> | null | undefined)?.[name], from);
	if (typeof value === 'number') return setting(value);
	return value === undefined || value === null
		? '–'
		: typeof value === 'object'
			? JSON.stringify(value)
			: String(value);
}
