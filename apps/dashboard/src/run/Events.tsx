'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useGraft } from '../connection/GraftProvider';
import { ask } from '../connection/use-graft-query';
import { Section } from '../design/PageHead';
import { Failed, SkeletonRows } from '../design/State';
import { whole } from '../format/numbers';
import { clock } from '../format/time';
import { RunEventsDocument, type RunEventsQuery } from '../gql/graphql';
import styles from './Events.module.css';

type Event = NonNullable<RunEventsQuery['run']>['events'][number];

/** What happened, in order. Each change of the run asks for what came after the last known event. */
export function Events({ id, revision }: { readonly id: string; readonly revision: number }) {
	const graft = useGraft();
	const queries = useQueryClient();
	const queryKey = ['run-events', id];
	const query = useQuery({
		queryKey,
		queryFn: async ({ signal }): Promise<readonly Event[]> => {
			const known = queries.getQueryData<readonly Event[]>(queryKey) ?? [];
			const after = known[known.length - 1]?.cursor ?? null;
			const answer = await ask(graft, RunEventsDocument, { id, after }, signal);
			return [...known, ...(answer.run?.events ?? [])];
		},
	});
	const { refetch } = query;
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new revision is the reason to ask.
	useEffect(() => {
		void refetch();
	}, [revision, refetch]);
	return (
		<Section title="Events">
			{query.error ? (
				<Failed error={query.error} />
			) : !query.data ? (
				<SkeletonRows rows={4} height={28} />
			) : query.data.length === 0 ? (
				<p className={styles.none}>Nothing has happened yet: the run waits for a worker.</p>
			) : (
				<ol className={styles.events}>
					{query.data.map((event) => (
						<li key={event.cursor} data-testid="event-row" data-kind={event.kind}>
							<time dateTime={event.at}>{clock(event.at)}</time>
							<span className={styles.kind}>{event.kind.toLowerCase().replaceAll('_', ' ')}</span>
							<span className={styles.message}>{event.message}</span>
							<span className={styles.step}>{event.step === null ? '' : `step ${whole(event.step)}`}</span>
						</li>
					))}
				</ol>
			)}
		</Section>
	);
}
