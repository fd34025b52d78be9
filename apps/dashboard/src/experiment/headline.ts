import { intervalText, plain } from '../format/numbers';
import type { AnswerFragment } from '../gql/graphql';

type Group = AnswerFragment['groups'][number];

export interface Headline {
	/** The answer in one sentence. */
	readonly sentence: string;
	/** What is still open, and what would settle it; null where nothing is. */
	readonly open: string | null;
	/** Why the recommended group is the one to take; null where there is none. */
	readonly why: string | null;
}

/** The comparison in a sentence, saying no more than the verdicts do. */
export function headline(answer: AnswerFragment, running: boolean): Headline {
	const best = answer.groups[0];
	const nothing = { open: null, why: null };
	if (!best) {
		const sentence = running ? 'The first runs are on their way.' : 'No run has finished with this metric yet.';
		return { sentence, ...nothing };
	}
	// Verdicts hold within one data set: over several, the recommendation speaks for each.
	if (answer.groups.some((group) => group.dataset?.id !== best.dataset?.id)) {
		return { sentence: answer.recommendation?.reason ?? `${capital(best.label)} leads.`, ...nothing };
	}
	const value = `${capital(best.label)} reaches ${answer.metric} ${meanText(best)}`;
	const others = answer.groups.slice(1);
	if (others.length === 0) return { sentence: `${value}. There is nothing yet to compare it with.`, ...nothing };

	const label = new Map(answer.groups.map((group) => [group.id, group.label]));
	const against = (kind: AnswerFragment['verdicts'][number]['kind']) =>
		answer.verdicts
			.filter((verdict) => verdict.a === best.id && verdict.kind === kind)
			.map((verdict) => ({ name: label.get(verdict.b) ?? verdict.b, moreSeeds: verdict.moreSeedsNeeded }));
	const beaten = against('BETTER').map(({ name }) => name);
	const level = against('EQUIVALENT').map(({ name }) => name);
	const unsettled = against('INCONCLUSIVE');
	const extreme = answer.direction === 'MINIMIZE' ? 'lowest' : 'highest';
	const claim =
		beaten.length === 0
			? `the ${extreme} so far`
			: beaten.length === others.length && others.length > 1
				? 'better than every other strategy'
				: `better than ${list(beaten)}`;
	const parts = [
		level.length > 0 ? `${capital(list(level))} ${level.length === 1 ? 'is' : 'are'} as good.` : null,
		unsettled.length > 0 ? `Against ${list(unsettled.map(({ name }) => name))} it is not settled.` : null,
		running ? null : seedsText(unsettled.map(({ moreSeeds }) => moreSeeds)),
	].filter((part) => part !== null);
	return {
		sentence: `${value}, ${claim}.`,
		open: parts.length > 0 ? parts.join(' ') : null,
		why: whyText(answer, best, extreme),
	};
}

function whyText(answer: AnswerFragment, best: Group, extreme: string): string | null {
	const chosen = answer.groups.find((group) => group.id === answer.recommendation?.group);
	if (!chosen) return null;
	return chosen.id === best.id ? `${extreme} mean` : `as good as ${best.label}, and cheaper`;
}

function seedsText(needed: readonly (number | null)[]): string | null {
	const known = needed.flatMap((seeds) => (seeds !== null && seeds > 0 ? [seeds] : []));
	if (known.length === 0) return null;
	const [low, high] = [Math.min(...known), Math.max(...known)];
	const number = low === high ? String(low) : `${low} to ${high}`;
	return `About ${number} more ${high === 1 ? 'seed' : 'seeds'} each may tell them apart.`;
}

function meanText(group: Group): string {
	const { mean, halfWidth } = intervalText(group.mean, group.ciLow, group.ciHigh);
	return halfWidth === null ? `${plain(group.mean)} (one seed)` : `${mean} ± ${halfWidth}`;
}

/** More names than this are no sentence. */
const MOST_NAMES = 4;

export function list(names: readonly string[]): string {
	const shown =
		names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES - 1), `${names.length - MOST_NAMES + 1} others`] : names;
	if (shown.length <= 1) return shown[0] ?? '';
	return `${shown.slice(0, -1).join(', ')} and ${shown[shown.length - 1]}`;
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
