import { canonicalJson } from '@graft/domain/json';
import { fnv1aHex64 } from '@graft/domain/random';
import type { Strategy } from '@graft/domain/strategy';
import { thawShare } from '@graft/domain/thaw';
import { dashOf } from '../chart/lines';
import { setting } from '../format/numbers';

/** What the pages know of a run or a comparison group when they ask which strategy group it belongs to. */
export interface GroupMember {
	readonly strategy: unknown;
	readonly strategyLabel: string | null;
	readonly config: unknown;
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
	readonly family: string;
	readonly label: string;
	/** Share of learning parameters; null from scratch. */
	readonly share: number | null;
	readonly dash: readonly number[];
	/** Runs of the group. */
	readonly runs: number;
}

/** What else tells groups apart, as the comparison has it: runs with other labels or epochs are no seeds of each other. */
export const CONDITIONS = ['epochs', 'batchSize', 'optimizer', 'training', 'head', 'trainExamplesPerClass'] as const;

/** A thousand runs have a handful of groups: each text is hashed once. */
const digests = new Map<string, string>();

function digest(text: string): string {
	let short = digests.get(text);
	if (short === undefined) {
		short = fnv1aHex64(text);
		digests.set(text, short);
	}
	return short;
}

interface Family {
	readonly strategy: unknown;
	readonly backbone: { readonly id: string } | null;
	readonly dataset: { readonly id: string } | null;
}

/** The same strategy on the same backbone and data: one colour, whatever the conditions. */
export function familyKey({ strategy, backbone, dataset }: Family): string {
	return digest(canonicalJson([strategy, backbone?.id ?? null, dataset?.id ?? null]));
}

/** Live pages ask for the same thousand runs with every frame; a run that changed is another object. */
const known = new WeakMap<object, string>();

/** Seeds aside, runs of one group are alike: one family under the same conditions. Short, since it stands in URLs. */
export function groupKey(member: Family & { readonly config: unknown }): string {
	let key = known.get(member);
	if (key === undefined) {
		const config = (member.config ?? {}) as Readonly<Record<string, unknown>>;
		key = digest(`${familyKey(member)}${canonicalJson(CONDITIONS.map((field) => config[field] ?? null))}`);
		known.set(member, key);
	}
	return key;
}

/** Groups of these runs, most thawed first and from scratch last. Labels of one answer differ, as the comparison's do. */
export function styleGroups(members: readonly GroupMember[]): ReadonlyMap<string, GroupStyle> {
	const groups = new Map<string, { member: GroupMember; share: number | null; runs: number }>();
	for (const member of members) {
		const key = groupKey(member);
		const group = groups.get(key);
		if (group) group.runs += 1;
		else groups.set(key, { member, share: member.freezePlan ? thawShare(member.freezePlan) : null, runs: 1 });
	}
	const labels = distinctLabels(new Map([...groups].map(([key, { member }]) => [key, member])));
	const ranked = [...groups]
		.map(([key, { member, share, runs }]) => ({
			key,
			family: familyKey(member),
			label: labels.get(key) ?? '',
			share,
			runs,
		}))
		.sort((a, b) => (b.share ?? -1) - (a.share ?? -1) || (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
	return new Map(ranked.map((group, rank) => [group.key, { ...group, dash: dashOf(rank) }]));
}

/** The strategy's name and, where several share it, whatever they differ in. */
function distinctLabels(members: ReadonlyMap<string, GroupMember>): ReadonlyMap<string, string> {
	const labels = new Map<string, string>();
	const byName = new Map<string, (readonly [string, GroupMember])[]>();
	for (const entry of members) {
		const name = entry[1].strategyLabel ?? 'no strategy';
		byName.set(name, [...(byName.get(name) ?? []), entry]);
	}
	for (const [name, alike] of byName) {
		const all = alike.map(([, member]) => features(member));
		const follows = all.every((one) => one['backbone rate'] === one.rate);
		const differing = Object.keys(all[0] ?? {}).filter(
			(field) => new Set(all.map((one) => one[field])).size > 1 && !(follows && field === 'backbone rate'),
		);
		alike.forEach(([key], at) => {
			const details = differing.map((field) => `${field} ${all[at]?.[field] ?? 'none'}`);
			labels.set(key, details.length > 0 ? `${name} (${details.join(', ')})` : name);
		});
	}
	return labels;
}

function features(member: GroupMember): Record<string, string | null> {
	const strategy = member.strategy as Partial<Strategy> | null;
	const config = (member.config ?? {}) as Readonly<Record<string, unknown>>;
	const text = (value: unknown) => {
		if (typeof value === 'number') return setting(value);
		if (value === null || value === undefined) return null;
		return typeof value === 'object' ? canonicalJson(value) : String(value);
	};
	return {
		backbone: member.backbone?.name ?? null,
		data: member.dataset?.name ?? null,
		rate: text(strategy?.learningRate),
		'backbone rate': text(strategy?.backboneLearningRate),
		decay: text(strategy?.decay),
		'epochs a stage': text(strategy?.epochsPerStage),
		BatchNorm: text(strategy?.batchNorm),
		...Object.fromEntries(CONDITIONS.map((field) => [field, text(config[field])])),
	};
}
