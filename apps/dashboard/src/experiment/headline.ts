import { intervalText, plain } from '../format/numbers';
import type { AnswerFragment } from '../gql/graphql';

export interface Headline {
	/** The answer in one sentence. */
	readonly sentence: string;
	/** What is still open, and what would settle it; null where nothing is. */
	readonly open: string | null;
}

/** The comparison in a sentence, saying no more than the verdicts do. */
export function headline(answer: AnswerFragment, running: boolean): Headline {
	const [best, ...others] = answer.groups;
	if (!best) {
		return {
			sentence: running ? 'The first runs are on their way.' : 'No run has finished with this metric yet.',
			open: null,
		};
	}
	const value = `${best.label} reaches ${answer.metric} ${meanText(best)}`;
	if (others.length === 0)
		return { sentence: `${capital(value)}. There is nothing yet to compare it with.`, open: null };

	const label = new Map(answer.groups.map((group) => [group.id, group.label]));
	const against = answer.verdicts.filter((verdict) => verdict.a === best.id);
	const beaten = against.filter((verdict) => verdict.kind === 'BETTER');
	const level = against
		.filter((verdict) => verdict.kind === 'EQUIVALENT')
		.map((verdict) => label.get(verdict.b) ?? verdict.b);
	const unsettled = against.filter((verdict) => verdict.kind === 'INCONCLUSIVE');
	const names = unsettled.map((verdict) => label.get(verdict.b) ?? verdict.b);
	const sentence =
		beaten.length === others.length
			? `${capital(value)}, better than ${others.length === 1 ? others[0]?.label : 'every other strategy'}.`
			: beaten.length > 0
				? `${capital(value)}, better than ${list(beaten.map((verdict) => label.get(verdict.b) ?? verdict.b))}.`
				: `${capital(value)}, the highest so far.`.replace(
						'highest',
						answer.direction === 'MINIMIZE' ? 'lowest' : 'highest',
					);
	const parts = [
		level.length > 0
			? `${capital(list(level))} ${level.length === 1 ? 'does' : 'do'} as well for practical purposes.`
			: null,
		names.length > 0 ? `Against ${list(names)} it is not settled.` : null,
		running ? null : seedsText(unsettled),
	].filter((part) => part !== null);
	return { sentence, open: parts.length > 0 ? parts.join(' ') : null };
}

function seedsText(unsettled: AnswerFragment['verdicts']): string | null {
	const needed = unsettled.flatMap((verdict) =>
		verdict.moreSeedsNeeded !== null && verdict.moreSeedsNeeded > 0 ? [verdict.moreSeedsNeeded] : [],
	);
	if (needed.length === 0) return null;
	const low = Math.min(...needed);
	const high = Math.max(...needed);
	const number = low === high ? String(low) : `${low} to ${high}`;
	return `${number} more ${high === 1 ? 'seed' : 'seeds'} a strategy would settle it.`;
}

function meanText(group: AnswerFragment['groups'][number]): string {
	const { mean, halfWidth } = intervalText(group.mean, group.ciLow, group.ciHigh);
	return halfWidth === null ? `${plain(group.mean)} (one seed)` : `${mean} ± ${halfWidth}`;
}

export function list(names: readonly string[]): string {
	if (names.length <= 1) return names[0] ?? '';
	return `${names.slice(0, -1).join(', ')} and ${names[names.length - 1]}`;
}

function capital(text: string): string {
	return text.charAt(0).toUpperCase() + text.slice(1);
}
