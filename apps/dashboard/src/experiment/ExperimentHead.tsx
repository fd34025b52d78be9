import { PageHead } from '../design/PageHead';
import { StatusBar } from '../design/StatusBar';
import { TrashNote } from '../design/TrashNote';
import { remaining } from '../format/time';
import type { ExperimentQuery } from '../gql/graphql';
import type { RunRow } from '../runs/merge-runs';
import { remainingSeconds } from '../runs/sort-runs';
import { ExperimentActions } from './ExperimentActions';
import styles from './ExperimentHead.module.css';

type Experiment = NonNullable<ExperimentQuery['experiment']>;

/** The question, and how far its runs are. Has the same height while they go and after. */
export function ExperimentHead({
	experiment,
	runs,
}: {
	readonly experiment: Experiment;
	readonly runs: readonly RunRow[];
}) {
	const total = experiment.statusCounts.reduce((sum, entry) => sum + entry.count, 0);
	const left = remainingSeconds(runs);
	const active = runs.filter((run) => run.status === 'RUNNING');
	const counts = runs.length >= total && runs.length > 0 ? countStatuses(runs) : experiment.statusCounts;
	return (
		<>
			<PageHead
				crumbs={[{ href: '/', name: 'Experiments' }]}
				title={experiment.name}
				lead={experiment.description ?? 'Which strategy, on which backbone, for this data?'}
				actions={<ExperimentActions id={experiment.id} deletedAt={experiment.deletedAt} />}
			/>
			{experiment.deletedAt === null ? null : <TrashNote what="This experiment" deletedAt={experiment.deletedAt} />}
			<div className={styles.progress}>
				<StatusBar counts={counts} />
				<p className={styles.eta} data-testid="eta">
					{left !== null ? `about ${remaining(left)} left` : active.length > 0 ? 'measuring how long a run takes' : ''}
				</p>
			</div>
		</>
	);
}

/** From the rows themselves, which the stream keeps a moment ahead of the counts. */
function countStatuses(runs: readonly RunRow[]) {
	const counts = new Map<RunRow['status'], number>();
	for (const run of runs) counts.set(run.status, (counts.get(run.status) ?? 0) + 1);
	return [...counts].map(([status, count]) => ({ status, count }));
}
