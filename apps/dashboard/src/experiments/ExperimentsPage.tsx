'use client';

import Link from 'next/link';
import { useGraftQuery } from '../connection/use-graft-query';
import { useNow } from '../connection/use-now';
import { PageHead, Section } from '../design/PageHead';
import { Empty, Failed, SkeletonRows } from '../design/State';
import { StatusBar } from '../design/StatusBar';
import table from '../design/table.module.css';
import { ExperimentActions } from '../experiment/ExperimentActions';
import { shareOf } from '../experiment/style-of';
import { count, intervalText } from '../format/numbers';
import { ago } from '../format/time';
import { ExperimentsDocument, ExperimentsInTrashDocument, type ExperimentsQuery } from '../gql/graphql';
import { useRunNews } from '../runs/use-run-news';
import { StrategyName } from '../thaw/Thaw';
import styles from './ExperimentsPage.module.css';

const LIST = 100;
/** However many runs change, the list is asked for this often at most. */
const REFRESH_MS = 1_000;

type Experiment = ExperimentsQuery['experiments']['nodes'][number];

/** All questions that were asked, newest first, each with where it stands. */
export function ExperimentsPage() {
	const query = useGraftQuery('experiments', ExperimentsDocument, { first: LIST });
	useRunNews(() => void query.refetch(), REFRESH_MS);
	const trash = useGraftQuery('experiments-in-trash', ExperimentsInTrashDocument, { first: LIST });
	const now = useNow(10_000);
	const experiments = query.data?.experiments;
	return (
		<>
			<PageHead
				title="Experiments"
				lead="Each asks which strategy to use, on which backbone, for which data. Runs are its evidence."
			/>
			{query.error ? (
				<Failed error={query.error} onRetry={() => void query.refetch()} />
			) : !experiments ? (
				<SkeletonRows rows={6} height={65} />
			) : experiments.totalCount === 0 ? (
				<Empty title="No experiments yet" graft="demo">
					The demo pretrains a small network on handwritten digits 0 to 5, then compares five ways to reuse it for the
					digits 6 to 9. It needs no download and takes about a minute and a half.
				</Empty>
			) : (
				<div className={table.scroll}>
					<table className={`${table.table} ${table.fixed} ${styles.list}`}>
						<thead>
							<tr>
								<th scope="col" className={styles.nameHead}>
									Experiment
								</th>
								<th scope="col" className={styles.runsHead}>
									Runs
								</th>
								<th scope="col">Best strategy so far</th>
								<th scope="col" className={`${table.right} ${styles.resultHead}`}>
									Result <span className={table.unit}>mean ± 95 %</span>
								</th>
								<th scope="col" className={`${table.right} ${styles.created}`}>
									Created
								</th>
							</tr>
						</thead>
						<tbody>
							{experiments.nodes.map((experiment) => (
								<Row key={experiment.id} experiment={experiment} now={now} />
							))}
						</tbody>
					</table>
				</div>
			)}
			{experiments && experiments.totalCount > experiments.nodes.length ? (
				<p className={styles.more}>
					The newest {count(experiments.nodes.length)} of {count(experiments.totalCount)} experiments.
				</p>
			) : null}
			{trash.data && trash.data.experiments.totalCount > 0 ? (
				<Section title="In the trash" note="for 7 days, unless GRAFT_TRASH_DAYS says otherwise">
					<ul className={styles.trash}>
						{trash.data.experiments.nodes.map(({ id, name, deletedAt }) => (
							<li key={id}>
								<Link href={`/experiments/${id}`}>{name}</Link>
								<span className={table.quiet}>
									{now === null || deletedAt === null ? '' : `deleted ${ago(deletedAt, now)}`}
								</span>
								<ExperimentActions id={id} deletedAt={deletedAt} />
							</li>
						))}
					</ul>
				</Section>
			) : null}
		</>
	);
}

function Row({ experiment, now }: { readonly experiment: Experiment; readonly now: number | null }) {
	const best = experiment.comparison.groups[0];
	const result = best ? intervalText(best.mean, best.ciLow, best.ciHigh) : null;
	const total = experiment.statusCounts.reduce((sum, entry) => sum + entry.count, 0);
	return (
		<tr data-testid="experiment-row" data-experiment={experiment.id}>
			<td className={styles.name}>
				<Link className={table.rowLink} href={`/experiments/${experiment.id}`}>
					{experiment.name}
				</Link>
				<span className={styles.question}>{experiment.description ?? ''}</span>
			</td>
			<td className={styles.status}>
				<StatusBar counts={experiment.statusCounts} words={false} />
				<span className={styles.counts}>{countsText(experiment, total)}</span>
			</td>
			<td className={`${table.clip} ${styles.best}`}>
				{best ? <StrategyName label={best.label} share={shareOf(best)} /> : <span className={table.quiet}>–</span>}
			</td>
			<td className={`${table.right} ${styles.result}`}>
				{result ? (
					<>
						<b>{result.mean}</b>
						<span className={table.quiet}>{result.halfWidth === null ? ' one seed' : ` ± ${result.halfWidth}`}</span>
					</>
				) : (
					<span className={table.quiet}>–</span>
				)}
				<span className={styles.metric}>{experiment.metric}</span>
			</td>
			<td className={`${table.right} ${table.quiet} ${styles.created}`}>
				{now === null ? '' : ago(experiment.createdAt, now)}
			</td>
		</tr>
	);
}

function countsText(experiment: Experiment, total: number): string {
	const of = (status: Experiment['statusCounts'][number]['status']) =>
		experiment.statusCounts.find((entry) => entry.status === status)?.count ?? 0;
	if (total === 0) return 'no runs';
	const parts = [`${of('SUCCEEDED')} of ${total} done`];
	if (of('RUNNING') > 0) parts.push(`${of('RUNNING')} running`);
	if (of('FAILED') > 0) parts.push(`${of('FAILED')} failed`);
	return parts.join(', ');
}
