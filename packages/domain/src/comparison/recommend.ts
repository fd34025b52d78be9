import type { Direction } from '../experiment/index.js';
import type { Recommendation, Verdict } from './comparison.js';
import { compareCost, type NamedGroup } from './group-runs.js';
import { decimalsFor, halfWidth, listed, rounded } from './wording.js';

/** The question of one data set: its groups, the best mean first, and the best one's verdicts. */
export interface Field {
	readonly groups: readonly NamedGroup[];
	readonly verdicts: readonly Verdict[];
	readonly metric: string;
	readonly direction: Direction;
	readonly equivalenceMargin: number;
}

/** The best group or, of those that are as good, the cheapest; with the reason as a sentence that claims no more than the verdicts. */
export function recommend(field: Field): Recommendation | null {
	const [best] = field.groups;
	if (best === undefined) return null;
	const against = (kind: Verdict['kind']) =>
		field.verdicts.flatMap((verdict) => {
			const group = field.groups.find(({ id }) => id === verdict.b);
			return verdict.kind === kind && group !== undefined ? [{ group, verdict }] : [];
		});
	const equal = against('EQUIVALENT').map(({ group }) => group);
	const [chosen = best] = [best, ...equal].sort(compareCost);
	const decimals = decimalsFor(field.groups);
	const figure = (group: NamedGroup) => {
		const half = halfWidth(group);
		const mean = rounded(group.mean, decimals);
		return half === null ? mean : `${mean} ± ${rounded(half, decimals)}`;
	};

	const clauses = [
		`${capital(chosen.label)}: ${figure(chosen)} ${field.metric} over ${chosen.n} ${chosen.n === 1 ? 'seed' : 'seeds'}`,
	];
	const asGood = [best, ...equal].filter((group) => group !== chosen);
	if (asGood.length > 0) {
		const cheaper = asGood.every((group) => compareCost(chosen, group) < 0) ? ' and cheaper' : '';
		clauses.push(`as good as ${listed(asGood.map(({ label }) => label))} within ${field.equivalenceMargin}${cheaper}`);
	}
	const beaten = against('BETTER');
	if (beaten.length > 0) {
		const subject = chosen === best ? '' : `${best.label} is `;
		clauses.push(`${subject}${beatenClause(beaten, field.direction, decimals)}`);
	}
	const open = against('INCONCLUSIVE');
	if (open.length > 0) clauses.push(openClause(open, figure));
	if (field.groups.length === 1) clauses.push('there is nothing yet to compare it with');
	return { group: chosen.id, reason: `${clauses.join('; ')}.` };
}

type Against = readonly { readonly group: NamedGroup; readonly verdict: Verdict }[];

function beatenClause(beaten: Against, direction: Direction, decimals: number): string {
	const sign = direction === 'MAXIMIZE' ? 1 : -1;
	const closest = [...beaten].sort((x, y) => sign * (x.verdict.difference - y.verdict.difference))[0];
	if (closest === undefined) return '';
	const { difference, ciLow, ciHigh } = closest.verdict;
	const ends = [ciLow ?? Number.NaN, ciHigh ?? Number.NaN].map((end) => sign * end).sort((x, y) => x - y);
	const interval = `95 % interval ${ends.map((end) => rounded(end, decimals)).join(' to ')}`;
	const gain = rounded(sign * difference, decimals);
	const names = listed(beaten.map(({ group }) => group.label));
	return beaten.length === 1
		? `better than ${names} by ${gain} (${interval})`
		: `better than ${names}, by ${gain} at the least (${interval})`;
}

function openClause(open: Against, figure: (group: NamedGroup) => string): string {
	const names = listed(open.map(({ group }) => `${group.label} (${figure(group)})`));
	return `not yet told apart from ${names}: ${seedsAdvice(open.map(({ verdict }) => verdict.moreSeedsNeeded))}`;
}

function seedsAdvice(needed: readonly (number | null)[]): string {
	const known = needed.filter((count) => count !== null);
	if (known.length === 0) return 'more seeds are unlikely to tell';
	const [least, most] = [Math.min(...known), Math.max(...known)];
	if (least === most) return `about ${least} more ${least === 1 ? 'seed' : 'seeds'} each may tell`;
	return `about ${least} to ${most} more seeds each may tell`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
