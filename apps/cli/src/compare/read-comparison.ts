import { type ComparisonTableFragment, ExperimentComparisonDocument, type SummaryPoint } from '@graft/client/gql';
import type { GraftClient } from '@graft/client/node';
import { GraftError } from '@graft/domain/error';
import { thawShare } from '@graft/domain/thaw';

/** A comparison and what the terminal needs to paint it. */
export interface ComparisonView {
	readonly experiment: { readonly id: string; readonly name: string };
	readonly comparison: ComparisonTableFragment;
	/** Share of learning parameters by strategy label; null for what starts from scratch. */
	readonly shares: ReadonlyMap<string, number | null>;
}

/** @throws GraftError CONFIGURATION where there is no such experiment. */
export async function readComparison(
	client: GraftClient,
	id: string,
	{ metric, at }: { readonly metric?: string; readonly at?: SummaryPoint } = {},
): Promise<ComparisonView> {
	const { experiment } = await client.request(ExperimentComparisonDocument, { id, metric, at });
	if (experiment === null) throw new GraftError('CONFIGURATION', `There is no experiment ${id}.`);
	const shares = new Map<string, number | null>();
	for (const { strategyLabel, freezePlan } of experiment.runs.nodes) {
		if (strategyLabel !== null && freezePlan !== null) shares.set(strategyLabel, thawShare(freezePlan));
	}
	return { experiment: { id: experiment.id, name: experiment.name }, comparison: experiment.comparison, shares };
}
