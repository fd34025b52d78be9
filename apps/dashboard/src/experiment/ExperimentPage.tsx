'use client';

import { useMemo } from 'react';
import { useGraftQuery } from '../connection/use-graft-query';
import { useThrottled } from '../connection/use-throttled';
import { PageHead, Section } from '../design/PageHead';
import { Empty, Failed, Skeleton } from '../design/State';
import { count } from '../format/numbers';
import { ExperimentDocument } from '../gql/graphql';
import { BulkActions } from '../runs/RunActions';
import { RunsTable } from '../runs/RunsTable';
import { StatusFilter, useStatusFilter } from '../runs/StatusFilter';
import { useRuns } from '../runs/use-runs';
import { SweepRanking } from '../sweeps/SweepRanking';
import { familyKey, groupKey, styleGroups } from '../thaw/groups';
import { Answer } from './Answer';
import { ComparisonTable } from './ComparisonTable';
import { Curves } from './Curves';
import { ExperimentHead } from './ExperimentHead';
import styles from './ExperimentPage.module.css';
import { nameAlike } from './style-of';
import { usePlans } from './use-plans';

/** The answer is computed on the server; while runs end in quick succession it is asked for this often. */
const ANSWER_EVERY_MS = 1_000;
const CRUMBS = [{ href: '/', name: 'Experiments' }];

/** One question: its answer first, then the evidence. */
export function ExperimentPage({ id }: { readonly id: string }) {
	const query = useGraftQuery('experiment', ExperimentDocument, { id });
	const experiment = query.data?.experiment ?? null;
	const refresh = useThrottled(() => void query.refetch(), ANSWER_EVERY_MS);
	const runsQuery = useRuns(
		{ experimentId: id, metric: experiment?.metric ?? '' },
		{ enabled: experiment !== null, onNews: refresh },
	);
	const list = runsQuery.data;
	const runs = useMemo(() => list?.runs ?? [], [list]);
	// Updates of progress change runs many times a second, but hardly ever their groups: keep the map while it is equal.
	const members = runs.map((run) => `${groupKey(run)}${run.strategyLabel}`).join();
	// biome-ignore lint/correctness/useExhaustiveDependencies: `members` names all of `runs` that matters here.
	const look = useMemo(() => styleGroups(runs), [members]);
	const answer = useMemo(
		() => (experiment === null ? null : nameAlike(experiment.comparison, look)),
		[experiment, look],
	);
	const plans = usePlans(id, look.size);
	const status = useStatusFilter();
	const shown = useMemo(() => runs.filter((run) => status === null || run.status === status), [runs, status]);

	if (query.error) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
	if (query.isSuccess && experiment === null) {
		return (
			<>
				<PageHead crumbs={CRUMBS} title="No such experiment" />
				<Empty title="This address names no experiment here">
					It may live on another platform, or the address was cut.
				</Empty>
			</>
		);
	}
	if (experiment === null || answer === null) return <Loading />;

	const active = experiment.statusCounts.some(
		({ status: of, count: n }) => n > 0 && (of === 'RUNNING' || of === 'QUEUED'),
	);
	const answered = new Set(experiment.comparison.groups.map(familyKey));
	const awaited = [...look.values()].filter((style) => !answered.has(style.family));
	const total = list?.totalCount ?? 0;
	return (
		<>
			<ExperimentHead experiment={experiment} runs={runs} />
			{list && total === 0 && experiment.deletedAt !== null ? (
				<Empty title="Its runs are in the trash too">They come back with the experiment.</Empty>
			) : list && total === 0 ? (
				<Empty
					title="No runs yet"
					graft={`compare ${JSON.stringify(experiment.name)} --strategy feature-extraction --strategy full-fine-tune --backbone NAME --dataset NAME`}
				>
					Launch a comparison: strategies times seeds become runs, and the answer appears here.
				</Empty>
			) : (
				<>
					<Answer answer={answer} styles={look} running={active} />
					<Section
						title="Comparison"
						note={`${experiment.comparison.metric}, ${experiment.direction === 'MAXIMIZE' ? 'higher' : 'lower'} is better`}
					>
						<div style={{ minHeight: 34 + 39 * Math.max(1, look.size) }}>
							<ComparisonTable answer={answer} styles={look} awaited={awaited} plans={plans} />
						</div>
					</Section>
					{experiment.sweeps.map((sweep) => (
						<SweepRanking
							key={sweep.id}
							id={sweep.id}
							name={sweep.name}
							metric={experiment.metric}
							direction={experiment.direction}
						/>
					))}
					<Curves experimentId={id} deciding={experiment.metric} runs={runs} styles={look} />
					<Section title="Runs" tools={<BulkActions runs={shown} />}>
						<div className={styles.filter}>
							<StatusFilter runs={runs} />
						</div>
						{runsQuery.error ? (
							<Failed error={runsQuery.error} />
						) : (
							<RunsTable usual="queued" runs={shown} metric={experiment.metric} filtered={status !== null} />
						)}
						{total > runs.length ? (
							<p className={styles.more}>
								The newest {count(runs.length)} of {count(total)} runs.
							</p>
						) : null}
					</Section>
				</>
			)}
		</>
	);
}

function Loading() {
	return (
		<>
			<PageHead
				crumbs={CRUMBS}
				title={<Skeleton label="Loading the experiment" width={320} height={28} />}
				lead={<Skeleton width={480} />}
			/>
			<Skeleton width="min(100%, 880px)" height={96} />
			<div className={styles.gap} />
			<Skeleton height={240} />
			<div className={styles.gap} />
			<Skeleton height={360} />
		</>
	);
}
