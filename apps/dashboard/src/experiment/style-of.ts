import { dashOf } from '../chart/lines';
import type { AnswerFragment } from '../gql/graphql';
import { type GroupStyle, groupKey } from '../thaw/groups';

/**
 * The look of a comparison's group: that of its runs. Where those are not loaded, the share is read from the group
 * itself: what trains against the backbone's parameters.
 */
export function styleOf(group: AnswerFragment['groups'][number], styles: ReadonlyMap<string, GroupStyle>): GroupStyle {
	const known = styles.get(groupKey(group));
	if (known) return { ...known, label: group.label };
	return { key: group.id, label: group.label, share: shareOf(group), dash: dashOf(0), runs: group.n };
}

export function shareOf(group: {
	readonly strategy: unknown;
	readonly trainableParameters: number | null;
	readonly backbone: { readonly parameterCount: number } | null;
}): number | null {
	const kind = (group.strategy as { kind?: unknown } | null)?.kind;
	if (kind === 'FROM_SCRATCH' || group.trainableParameters === null || group.backbone === null) return null;
	return Math.min(1, group.trainableParameters / Math.max(1, group.backbone.parameterCount));
}
