import type { Direction } from '../experiment/index.js';
import type { Comparison, ComparisonRun, Recommendation, Verdict } from './comparison.js';
import { groupRuns, type NamedGroup } from './group-runs.js';
import { paretoFront } from './pareto-front.js';
import { recommend } from './recommend.js';
import { judge, type VerdictSettings, verdictSettings } from './verdicts.js';

/**
 * What the finished runs say: groups with their spread, the best one against each other one, and which to take. Groups on
 * different data are not set against each other. Runs without a finite value do not count.
 */
export function compareRuns(
	runs: readonly ComparisonRun[],
	metric: string,
	direction: Direction,
	options: Partial<VerdictSettings> = {},
): Comparison {
	const groups = groupRuns(runs, direction);
	const settings = { ...verdictSettings(metric, groups[0]?.mean), ...options };
	const byData = new Map<string | null, NamedGroup[]>();
	for (const group of groups) byData.set(group.datasetId, [...(byData.get(group.datasetId) ?? []), group]);
	const fields = [...byData.values()];
	const contests = fields.flatMap(([best, ...others]) =>
		best === undefined ? [] : others.map((other) => [best, other] as const),
	);
	const verdicts = judge(contests, direction, settings);
	return {
		metric,
		direction,
		groups: groups.map(({ backboneName: _, datasetName: __, ...group }) => group),
		verdicts,
		recommendation: overall(
			fields.map((own) => ({ own, best: recommendFor(own, verdicts, metric, direction, settings) })),
		),
		paretoFront: paretoFront(groups, direction),
	};
}

function recommendFor(
	groups: readonly NamedGroup[],
	verdicts: readonly Verdict[],
	metric: string,
	direction: Direction,
	{ equivalenceMargin }: VerdictSettings,
): Recommendation | null {
	const own = verdicts.filter((verdict) => verdict.a === groups[0]?.id);
	return recommend({ groups, verdicts: own, metric, direction, equivalenceMargin });
}

/** With several data sets, one sentence for each; the group named is that of the first. */
function overall(
	fields: readonly { readonly own: readonly NamedGroup[]; readonly best: Recommendation | null }[],
): Recommendation | null {
	const [first] = fields;
	if (first?.best === undefined || first.best === null || fields.length === 1) return first?.best ?? null;
	const reasons = fields.map(({ own, best }) => `On ${own[0]?.datasetName}: ${best?.reason}`);
	return { group: first.best.group, reason: reasons.join(' ') };
}
