import type { ComparisonTableFragment } from '@graft/client/gql';
import { decimalsFor, wholeNumber } from '../terminal/numbers.js';
import { type ColorDepth, paintThaw, styleFor } from '../terminal/style.js';
import { type Column, renderTable } from '../terminal/table.js';
import type { ComparisonView } from './read-comparison.js';

type Group = ComparisonTableFragment['groups'][number];

/** The table of a comparison, best group first, and under it the sentence that it comes to. */
export function comparisonLines({ comparison, shares }: ComparisonView, depth: ColorDepth): string[] {
	const { bold, dim } = styleFor(depth);
	const { groups, metric, recommendation } = comparison;
	if (groups.length === 0) return [dim(`No finished run has ${metric} yet.`)];
	// One number of decimals for the whole column, from the smallest spread that is known.
	const spreads = groups.map(halfWidth).filter((spread) => spread !== null && spread > 0) as number[];
	const decimals = decimalsFor(spreads.length > 0 ? Math.min(...spreads) : null);
	const fixed = (value: number | null) => (value === null ? '' : value.toFixed(decimals));
	const several = (of: (group: Group) => string | undefined) => new Set(groups.map(of)).size > 1;
	const withBackbone = several((group) => group.backbone?.name);
	const withDataset = several((group) => group.dataset?.name);

	const columns: (Column & { readonly cell: (group: Group) => string })[] = [
		{
			title: 'strategy',
			align: 'left',
			cell: (group) => paintThaw(group.label, shares.get(group.label) ?? null, depth),
		},
		...(withBackbone
			? [{ title: 'backbone', align: 'left', cell: (group: Group) => group.backbone?.name ?? '' } as const]
			: []),
		...(withDataset
			? [{ title: 'data', align: 'left', cell: (group: Group) => group.dataset?.name ?? '' } as const]
			: []),
		{ title: 'n', align: 'right', cell: ({ n }) => String(n) },
		{ title: metric, align: 'right', cell: ({ mean }) => bold(fixed(mean)) },
		{ title: 'sd', align: 'right', cell: ({ sd }) => fixed(sd) },
		{
			title: '95 % interval',
			align: 'right',
			cell: ({ ciLow, ciHigh }) => (ciLow === null || ciHigh === null ? '' : `${fixed(ciLow)} to ${fixed(ciHigh)}`),
		},
		{
			title: 'learning parameters',
			align: 'right',
			cell: ({ trainableParameters }) => (trainableParameters === null ? '' : wholeNumber(trainableParameters)),
		},
		{
			title: 'seconds a run',
			align: 'right',
			cell: ({ secondsPerRun }) => (secondsPerRun === null ? '' : secondsPerRun.toFixed(1)),
		},
	];
	const rows = groups.map((group) => columns.map(({ cell }) => cell(group)));
	const [head = '', ...lines] = renderTable(columns, rows);
	return [dim(head), ...lines, '', ...(recommendation === null ? [] : [recommendation.reason])];
}

const halfWidth = ({ ciLow, ciHigh }: Group): number | null =>
	ciLow === null || ciHigh === null ? null : (ciHigh - ciLow) / 2;

/** The same for a script. */
export function comparisonJson({ experiment, comparison }: ComparisonView) {
	const labels = new Map(comparison.groups.map(({ id, label }) => [id, label]));
	return {
		experiment,
		metric: comparison.metric,
		direction: comparison.direction,
		groups: comparison.groups.map((group) => ({
			id: group.id,
			label: group.label,
			backbone: group.backbone?.name ?? null,
			dataset: group.dataset?.name ?? null,
			strategy: group.strategy,
			n: group.n,
			seeds: group.seeds,
			values: group.values,
			mean: group.mean,
			sd: group.sd,
			ciLow: group.ciLow,
			ciHigh: group.ciHigh,
			trainableParameters: group.trainableParameters,
			seconds: group.secondsPerRun,
		})),
		verdict: comparison.recommendation?.reason ?? null,
		recommendation:
			comparison.recommendation === null
				? null
				: { ...comparison.recommendation, label: labels.get(comparison.recommendation.group) ?? null },
		verdicts: comparison.verdicts.map((verdict) => ({
			...verdict,
			aLabel: labels.get(verdict.a) ?? null,
			bLabel: labels.get(verdict.b) ?? null,
		})),
	};
}
