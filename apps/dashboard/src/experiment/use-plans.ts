import { useMemo } from 'react';
import { useGraftQuery } from '../connection/use-graft-query';
import type { MiniPlan } from '../freeze-strip/MiniStrip';
import { PlanStripsDocument } from '../gql/graphql';
import { familyKey } from '../thaw/groups';

/** Runs that are looked at for their plans: comparisons launch all strategies of a seed together. */
const FIRST = 200;

/**
 * The freeze plan of each family of an experiment. A plan never changes, and is too large to come with each update of
 * each run: it is asked for when the number of groups changes.
 */
export function usePlans(experimentId: string, groups: number): ReadonlyMap<string, MiniPlan> {
	const query = useGraftQuery(
		`plans of ${groups}`,
		PlanStripsDocument,
		{ id: experimentId, first: FIRST },
		{ enabled: groups > 0, keepPrevious: true },
	);
	return useMemo(() => {
		const plans = new Map<string, MiniPlan>();
		for (const run of query.data?.experiment?.runs.nodes ?? []) {
			if (run.freezePlan) plans.set(familyKey(run), run.freezePlan);
		}
		return plans;
	}, [query.data]);
}
