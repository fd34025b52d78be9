'use client';

import { isTerminal } from '@graft/domain/run';
import { thawShare } from '@graft/domain/thaw';
import Link from 'next/link';
import { useNow } from '../connection/use-now';
import { Fact } from '../design/Fact';
import { StatusMark } from '../design/StatusMark';
import { count, percent } from '../format/numbers';
import { dateTime, duration, remaining } from '../format/time';
import type { RunPageFragment } from '../gql/graphql';
import { RunProgress } from '../runs/RunsTable';
import { StrategyName } from '../thaw/Thaw';
import styles from './RunFacts.module.css';

/** What there is to know at a glance, in places that do not move while it changes. */
export function RunFacts({ run }: { readonly run: RunPageFragment }) {
	const over = isTerminal(run.status);
	const now = useNow(over ? 60_000 : 500);
	const end = run.finishedAt ? Date.parse(run.finishedAt) : now;
	const seconds = run.startedAt && end !== null ? (end - Date.parse(run.startedAt)) / 1000 : null;
	const share = run.freezePlan ? thawShare(run.freezePlan) : null;
	const eta = run.progress?.etaSeconds ?? null;
	return (
		<dl className={styles.facts}>
			<Fact name="Status">
				<StatusMark status={run.status} stopping={run.cancelRequested && run.status === 'RUNNING'} />
				{run.pauseRequested && run.status === 'RUNNING' ? <span className={styles.quiet}> pausing</span> : null}
				{run.retryAt !== null && now !== null ? (
					<span className={styles.quiet}> tried again in {remaining((Date.parse(run.retryAt) - now) / 1000)}</span>
				) : null}
			</Fact>
			{run.strategyLabel === null ? null : (
				<Fact name="Strategy">
					<StrategyName label={run.strategyLabel} share={share} />
				</Fact>
			)}
			<Fact name="Seed">{run.seed ?? '–'}</Fact>
			<Fact name="Epochs">
				<RunProgress run={run} />
			</Fact>
			<Fact name={over ? 'Time' : 'Running for'}>
				{duration(seconds)}
				{!over && eta !== null ? <span className={styles.quiet}> about {remaining(eta)} left</span> : null}
			</Fact>
			{run.freezePlan ? (
				<Fact name="Learning">
					{count(run.freezePlan.trainableParameters)}
					<span className={styles.quiet}>
						{' '}
						{percent(
							run.freezePlan.trainableParameters /
								Math.max(1, run.freezePlan.trainableParameters + run.freezePlan.frozenParameters),
						)}
					</span>
				</Fact>
			) : null}
			{run.backbone ? (
				<Fact name="Backbone">
					<Link href={`/backbones#${run.backbone.id}`}>{run.backbone.name}</Link>
				</Fact>
			) : null}
			{run.dataset ? (
				<Fact name="Dataset">
					<Link href={`/datasets#${run.dataset.id}`}>{run.dataset.name}</Link>
				</Fact>
			) : null}
			<Fact name={run.startedAt ? 'Started' : 'Queued'}>
				{now === null ? '' : dateTime(run.startedAt ?? run.queuedAt)}
			</Fact>
			{run.tags.length > 0 ? <Fact name="Tags">{run.tags.join(', ')}</Fact> : null}
		</dl>
	);
}
