'use client';

import { thawShare } from '@graft/domain/thaw';
import Link from 'next/link';
import { useGraftQuery } from '../connection/use-graft-query';
import { useStream } from '../connection/use-stream';
import { useThrottled } from '../connection/use-throttled';
import { Section } from '../design/PageHead';
import { Failed, SkeletonRows } from '../design/State';
import { StatusMark } from '../design/StatusMark';
import table from '../design/table.module.css';
import { plain } from '../format/numbers';
import { type Direction, SweepNewsDocument, SweepTrialsDocument } from '../gql/graphql';
import { ThawSwatch } from '../thaw/Thaw';
import { rankTrials, spacePaths } from './rank-trials';
import styles from './SweepRanking.module.css';

const TRIALS = 200;
/** However often a trial changes, the ranking is asked for this often at most. */
const REFRESH_MS = 1_000;

/** The trials of a sweep, best first, by the values that were swept. */
export function SweepRanking(props: {
	readonly id: string;
	readonly name: string;
	readonly metric: string;
	readonly direction: Direction;
}) {
	const query = useGraftQuery('sweep-trials', SweepTrialsDocument, {
		id: props.id,
		metric: props.metric,
		first: TRIALS,
	});
	const refresh = useThrottled(() => void query.refetch(), REFRESH_MS);
	useStream(
		`sweep#${props.id}`,
		(client, signal) =>
			client.streamWithCursor(SweepNewsDocument, { id: props.id }, (frame) => frame.sweepUpdates.cursor, { signal }),
		refresh,
	);
	const sweep = query.data?.sweep ?? null;
	const paths = sweep ? spacePaths(sweep.space) : [];
	const trials = sweep ? rankTrials(sweep.trials.nodes, paths, props.direction) : [];
	return (
		<Section
			title={`Sweep: ${props.name}`}
			note={
				sweep
					? `${sweep.method.toLowerCase()} search, ${trials.length} trials, ${sweep.status.toLowerCase()}`
					: undefined
			}
		>
			{query.error ? (
				<Failed error={query.error} />
			) : !sweep ? (
				<SkeletonRows rows={5} height={35} />
			) : (
				<div className={table.scroll}>
					<table className={`${table.table} ${styles.ranking}`}>
						<thead>
							<tr>
								<th scope="col" className={table.right}>
									Rank
								</th>
								{paths.map((path) => (
									<th key={path} scope="col">
										{path.replace(/^strategy\./, '')}
									</th>
								))}
								<th scope="col" className={table.right}>
									{props.metric}
								</th>
								<th scope="col" className={table.right}>
									seeds
								</th>
								<th scope="col" className={styles.runsColumn}>
									Runs
								</th>
							</tr>
						</thead>
						<tbody>
							{trials.map((trial, rank) => (
								<tr key={trial.key}>
									<td className={table.right}>{trial.mean === null ? '–' : rank + 1}</td>
									{trial.values.map((value, at) => (
										<td key={paths[at]}>
											<span className={styles.value}>
												{at === 0 ? <ThawSwatch share={trial.plan ? thawShare(trial.plan) : null} /> : null}
												{value}
											</span>
										</td>
									))}
									<td className={`${table.right} ${rank === 0 ? table.strong : ''}`}>{plain(trial.mean)}</td>
									<td className={table.right}>{trial.n}</td>
									<td className={styles.runsColumn}>
										<span className={styles.runs}>
											{trial.runs.map((run) => (
												<Link key={run.id} href={`/runs/${run.id}`} prefetch={false}>
													<StatusMark status={run.status} />
												</Link>
											))}
										</span>
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
		</Section>
	);
}
