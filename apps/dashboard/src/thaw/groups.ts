import type { Strategy } from '@graft/domain/strategy';
import { strategyKey } from '@graft/domain/strategy';
import { thawShare } from '@graft/domain/thaw';
import { dashOf } from '../chart/lines';

/** What the pages know of a run or a comparison group when they ask which strategy group it belongs to. */
export interface GroupMember {
	readonly strategy: unknown;
	readonly strategyLabel: string | null;
	readonly backbone: { readonly id: string; readonly name: string } | null;
	readonly dataset: { readonly id: string; readonly name: string } | null;
	readonly freezePlan: {
		readonly startsFromPretrained: boolean;
		readonly trainableParameters: number;
		readonly frozenParameters: number;
	} | null;
}

/** Look of one strategy group: the same in tables, curves and strips. */
export interface GroupStyle {
	readonly key: string;
	readonly label: string;
	/** Share of learning parameters; null from scratch. */
	readonly share: number | null;
	readonly dash: readonly number[];
	/** Runs of the group. */
	readonly runs: number;
}

/** Seeds aside, runs of one group are alike: the same strategy on the same backbone and data. */
export function groupKey(
	member: Pick<GroupMember, 'strategy'> & {
		readonly backbone: { readonly id: string } | null;
		readonly dataset: { readonly id: string } | null;
	},
): string {
	const strategy = member.strategy === null ? 'none' : strategyKey(member.strategy as Strategy);
	return `${strategy}.${member.backbone?.id ?? ''}.${member.dataset?.id ?? ''}`;
}

/** Groups of these runs, most thawed first and from scratch last; names of backbone and data stand where they differ. */
export function styleGroups(members: readonly GroupMember[]): ReadonlyMap<string, GroupStyle> {
	const severalBackbones = new Set(members.map((member) => member.backbone?.id)).size > 1;
	const severalDatasets = new Set(members.map((member) => member.dataset?.id)).size > 1;
	const groups = new Map<string, { label: string; share: number | null; runs: number }>();
	for (const member of members) {
		const key = groupKey(member);
		const known = groups.get(key);
		if (known) {
			known.runs += 1;
			continue;
		}
		const parts = [member.strategyLabel ?? 'no strategy'];
		if (severalBackbones && member.backbone) parts.push(member.backbone.name);
		if (severalDatasets && member.dataset) parts.push(member.dataset.name);
		groups.set(key, {
			label: parts.join(' · '),
			share: member.freezePlan ? thawShare(member.freezePlan) : null,
			runs: 1,
		});
	}
	const ranked = [...groups].sort(
		([, a], [, b]) => (b.share ?? -1) - (a.share ?? -1) || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0),
	);
	return new Map(ranked.map(([key, group], rank) => [key, { key, dash: dashOf(rank), ...group }]));
}
