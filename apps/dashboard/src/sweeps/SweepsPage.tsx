'use client';

import Link from 'next/link';
import { useGraftQuery } from '../connection/use-graft-query';
import { useNow } from '../connection/use-now';
import { PageHead } from '../design/PageHead';
import { Empty, Failed, SkeletonRows } from '../design/State';
import table from '../design/table.module.css';
import { ago } from '../format/time';
import { SweepsDocument } from '../gql/graphql';
import { useRunNews } from '../runs/use-run-news';
import { spacePaths } from './rank-trials';

const LIST = 100;
/** However many runs change, the list is asked for this often at most. */
const REFRESH_MS = 1_000;

/** Searches over a strategy's fields and rates; the experiment's page ranks their trials. */
export function SweepsPage() {
	const query = useGraftQuery('sweeps', SweepsDocument, { first: LIST });
	useRunNews(() => void query.refetch(), REFRESH_MS);
	const now = useNow(10_000);
	const sweeps = query.data?.experiments.nodes
		.flatMap((experiment) => experiment.sweeps.map((sweep) => ({ sweep, experiment })))
		.sort((a, b) => Date.parse(b.sweep.createdAt) - Date.parse(a.sweep.createdAt));
	return (
		<>
			<PageHead
				title="Sweeps"
				lead="Grid or random search over any field of a strategy. Trials are runs like others."
			/>
			{query.error ? (
				<Failed error={query.error} onRetry={() => void query.refetch()} />
			) : !sweeps ? (
				<SkeletonRows rows={5} height={35} />
			) : sweeps.length === 0 ? (
				<Empty
					title="No sweeps yet"
					graft="sweep Depths --strategy partial-fine-tune:block3 --space strategy.unfreezeFrom=block2,block3,block4 --method grid --backbone NAME --dataset NAME"
				>
					A sweep tries values of fields such as the freeze point or the learning rate, each with as many seeds as you
					like.
				</Empty>
			) : (
				<div className={table.scroll}>
					<table className={table.table}>
						<thead>
							<tr>
								<th scope="col">Sweep</th>
								<th scope="col">Experiment</th>
								<th scope="col">Method</th>
								<th scope="col">Over</th>
								<th scope="col">Status</th>
								<th scope="col" className={table.right}>
									Runs
								</th>
								<th scope="col">Best</th>
								<th scope="col" className={`${table.right} ${table.wide}`}>
									Created
								</th>
							</tr>
						</thead>
						<tbody>
							{sweeps.map(({ sweep, experiment }) => (
								<tr key={sweep.id} data-testid="sweep-row">
									<td>
										<Link className={table.rowLink} href={`/experiments/${experiment.id}`}>
											{sweep.name}
										</Link>
									</td>
									<td>{experiment.name}</td>
									<td>{sweep.method.toLowerCase()}</td>
									<td className={table.quiet}>
										{spacePaths(sweep.space)
											.map((path) => path.replace(/^strategy\./, ''))
											.join(', ')}
									</td>
									<td>{sweep.status.charAt(0) + sweep.status.slice(1).toLowerCase()}</td>
									<td className={table.right}>{sweep.trials.totalCount}</td>
									<td>
										{sweep.best ? (
											<Link href={`/runs/${sweep.best.id}`}>{sweep.best.name}</Link>
										) : (
											<span className={table.quiet}>–</span>
										)}
									</td>
									<td className={`${table.right} ${table.quiet} ${table.wide} ${table.clip}`}>
										{now === null ? '' : ago(sweep.createdAt, now)}
									</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
		</>
	);
}
