import { count, percent, plain, setting } from '../format/numbers';
import type { StripGroupFragment, StripPlanFragment } from '../gql/graphql';

export interface Verification {
	readonly ok: boolean;
	readonly groups: readonly {
		readonly group: string;
		readonly planned: string;
		readonly changed: boolean;
		readonly maxAbsDelta: number;
		readonly batchNormMoved: boolean;
	}[];
}

export interface StripBlock {
	readonly group: string;
	/** Share of the row's width, by the logarithm of the parameters. */
	readonly weight: number;
	readonly trainable: boolean;
	/** 0.35 to 1 by learning rate; 1 where all rates are equal. */
	readonly strength: number;
	/** How far the weights moved, 0 to 1 of the group that moved farthest; null before the run has ended. */
	readonly moved: number | null;
	/** Whether the weights did what the plan does not allow. */
	readonly violated: boolean;
	readonly parameters: number;
	/** Everything about the block in words. */
	readonly detail: string;
}
export interface StripRow {
	readonly label: string;
	readonly blocks: readonly StripBlock[];
}

/** From 35 % to full: the palest ember still reads as learning. */
const PALEST = 0.35;

/** The rows of a freeze strip: one a phase, blocks from input to head. */
export function stripRows(
	plan: StripPlanFragment,
	layerGroups: readonly StripGroupFragment[],
	verification: Verification | null,
): StripRow[] {
	const rates = plan.phases.flatMap((phase) => phase.groups.map((group) => group.learningRate ?? 0));
	const highest = Math.max(...rates, 0);
	const farthest = Math.max(...(verification?.groups ?? []).map((group) => group.maxAbsDelta), 0);
	const lastPhase = plan.phases.length - 1;
	return plan.phases.map((phase, row) => ({
		label: `${phase.epochs} ${phase.epochs === 1 ? 'epoch' : 'epochs'}`,
		// A head that borrows the embeddings has nothing to show.
		blocks: phase.groups.filter(hasNumbers).map((group) => {
			const seen = verification?.groups.find((entry) => entry.group === group.group) ?? null;
			return {
				group: group.group,
				weight: blockWeight(group.parameters),
				trainable: group.trainable,
				strength: rateStrength(group.learningRate, highest),
				moved: seen === null || row !== lastPhase ? null : farthest > 0 ? seen.maxAbsDelta / farthest : 0,
				violated: seen !== null && seen.planned === 'frozen' && seen.changed,
				parameters: group.parameters,
				detail: blockDetail(group, layerGroups, seen),
			};
		}),
	}));
}

export const hasNumbers = ({ parameters }: { readonly parameters: number }): boolean => parameters > 0;

/** Logarithmic, so that a head of 260 parameters stands beside a block of 23 M; nothing is thinner than a tenth of it. */
export function blockWeight(parameters: number): number {
	return Math.max(1, Math.log10(1 + parameters));
}

export function rateStrength(rate: number | null, highest: number): number {
	if (rate === null || rate <= 0 || highest <= 0) return 1;
	return Math.max(PALEST, 1 + PALEST * Math.log10(rate / highest));
}

type PlanGroup = StripPlanFragment['phases'][number]['groups'][number];

const trainsWords: Record<PlanGroup['trains'], string> = {
	ALL: 'learns',
	NONE: 'frozen',
	BATCH_NORM_AFFINE: 'only BatchNorm scale and shift learn',
	BIASES: 'only biases learn',
	LORA: 'low-rank updates beside frozen kernels learn',
};
const batchNormWords: Record<NonNullable<PlanGroup['batchNorm']>, string> = {
	FROZEN_STATISTICS: 'BatchNorm statistics frozen',
	TRAIN_STATISTICS: 'BatchNorm statistics learn',
	AFFINE_ONLY: 'BatchNorm statistics frozen, scale and shift learn',
	TARGET_STATISTICS: 'BatchNorm statistics become those of the target',
};

function blockDetail(
	group: PlanGroup,
	layerGroups: readonly StripGroupFragment[],
	seen: Verification['groups'][number] | null,
): string {
	const layers = layerGroups.find((entry) => entry.name === group.group)?.layers ?? [];
	const parts = [
		group.trainable
			? `${trainsWords[group.trains]}: ${count(group.trainableParameters)} of ${count(group.parameters)} parameters`
			: `frozen: ${count(group.parameters)} parameters`,
	];
	if (group.learningRate !== null) parts.push(`rate ${setting(group.learningRate)}`);
	if (group.freezesAt !== null && group.freezesAt < 1)
		parts.push(`frozen after ${Math.round(100 * group.freezesAt)} % of the run`);
	if (group.batchNorm !== null) parts.push(batchNormWords[group.batchNorm]);
	if (layers.length > 0)
		parts.push(`${layers.length} ${layers.length === 1 ? 'layer' : 'layers'} (${layers.join(', ')})`);
	if (seen !== null) {
		parts.push(
			seen.changed ? `over the run its weights moved by up to ${plain(seen.maxAbsDelta)}` : 'its weights did not move',
		);
		if (seen.batchNormMoved) parts.push('BatchNorm statistics moved');
	}
	return parts.join(' · ');
}

/** `Frozen: 23.5 M of 23.6 M`, as the strip's one sentence. */
export function stripSummary(plan: StripPlanFragment): string {
	const all = plan.trainableParameters + plan.frozenParameters;
	if (!plan.startsFromPretrained)
		return `From scratch: ${count(plan.trainableParameters)} of ${count(all)} parameters learn`;
	return `Frozen: ${count(plan.frozenParameters)} of ${count(all)} parameters`;
}

/** Whether the frozen trunk is computed once and what a step then costs, or why not; in one line. */
export function cacheLine({ stepCost, cachedStepCost, cacheReason }: StripPlanFragment): string {
	const why = cacheReason ? ` · ${cacheReason}` : '';
	if (cachedStepCost === null) return `Features are not cached${why}`;
	return `Features are cached: training takes ${percent(cachedStepCost / stepCost)} of the work${why}`;
}
