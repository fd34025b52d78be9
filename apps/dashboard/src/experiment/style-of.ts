import type { AnswerFragment } from '../gql/graphql';
import { familyKey, type GroupStyle } from '../thaw/groups';

/**
 * The look of a comparison's group: that of its runs. Where those are not loaded, the share is read from the group
 * itself: what trains against the backbone's parameters.
 */
export function styleOf(
	group: AnswerFragment['groups'][number],
	styles: ReadonlyMap<string, GroupStyle>,
): Pick<GroupStyle, 'share'> {
	const family = familyKey(group);
	for (const style of styles.values()) if (style.family === family) return style;
	return { share: shareOf(group) };
}

/** The same names in the table as in the curves, where a group of the answer is one group of runs. */
export function nameAlike(answer: AnswerFragment, styles: ReadonlyMap<string, GroupStyle>): AnswerFragment {
	const byFamily = new Map<string, GroupStyle[]>();
	for (const style of styles.values()) byFamily.set(style.family, [...(byFamily.get(style.family) ?? []), style]);
	return {
		...answer,
		groups: answer.groups.map((group) => {
			const own = byFamily.get(familyKey(group)) ?? [];
			return own.length === 1 && own[0] ? { ...group, label: own[0].label } : group;
		}),
	};
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
