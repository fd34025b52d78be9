'use client';

import { findMatches } from '@graft/domain/log';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { type ReactNode, useEffect } from 'react';
import { useGraft } from '../connection/GraftProvider';
import { ask, useGraftQuery } from '../connection/use-graft-query';
import { useThrottled } from '../connection/use-throttled';
import { Button } from '../design/Button';
import { Failed } from '../design/State';
import { whole } from '../format/numbers';
import { LogMatchCountDocument, LogMatchesDocument } from '../gql/graphql';
import styles from './LogLines.module.css';

const PAGE = 200;
/** While a run prints, its matches are asked for again this often. */
const REFRESH_MS = 5_000;

interface MatchesProps {
	readonly id: string;
	readonly search: string;
	/** Lines that the run has: more of them are the reason to ask again. */
	readonly total: number;
}

/** The lines of the whole log that contain a text, under their numbers. */
export function LogMatches({ id, search, total }: MatchesProps) {
	const graft = useGraft();
	const found = useGraftQuery('log-match-count', LogMatchCountDocument, { id, search }, { keepPrevious: true });
	const pages = useInfiniteQuery({
		queryKey: ['log-matches', id, search],
		queryFn: async ({ pageParam, signal }) => {
			const answer = await ask(graft, LogMatchesDocument, { id, search, first: PAGE, after: pageParam }, signal);
			return answer.run?.logLines ?? [];
		},
		initialPageParam: null as string | null,
		getNextPageParam: (page) => (page.length < PAGE ? null : page[page.length - 1]?.cursor),
		placeholderData: keepPreviousData,
	});
	const refresh = useThrottled(() => {
		void found.refetch();
		void pages.refetch();
	}, REFRESH_MS);
	// biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to ask.
	useEffect(() => refresh(), [total, refresh]);
	if (pages.error) return <Failed error={pages.error} onRetry={() => void pages.refetch()} />;
	const lines = pages.data?.pages.flat();
	const matching = found.data?.run?.logLineCount;
	return (
		<>
			<div className={styles.found}>
				<span role="status" data-testid="log-found">
					{matching === undefined ? 'Searching…' : sayFound(matching, lines?.length ?? 0)}
				</span>
				{pages.hasNextPage ? (
					<Button look="plain" onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
						Show more
					</Button>
				) : null}
			</div>
			<ol
				className={styles.box}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box has to be reachable by keyboard.
				tabIndex={0}
				aria-label="Matching log lines"
				aria-busy={pages.isFetching}
			>
				{lines?.length === 0 ? <li className={styles.none}>No line contains this text</li> : null}
				{lines?.map(({ number, line }) => (
					<li key={number} data-testid="log-match">
						<span>{number}</span>
						<div>{highlight(line, search)}</div>
					</li>
				))}
			</ol>
		</>
	);
}

function sayFound(matching: number, shown: number): string {
	const said = `${whole(matching)} ${matching === 1 ? 'line matches' : 'lines match'}`;
	return shown > 0 && shown < matching ? `${said}, the first ${whole(shown)} shown` : said;
}

function highlight(line: string, search: string): ReactNode[] {
	const parts: ReactNode[] = [];
	let at = 0;
	for (const [from, to] of findMatches(line, search)) {
		parts.push(line.slice(at, from), <mark key={from}>{line.slice(from, to)}</mark>);
		at = to;
	}
	parts.push(line.slice(at));
	return parts;
}
