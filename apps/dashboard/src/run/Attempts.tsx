import { Section } from '../design/PageHead';
import table from '../design/table.module.css';
import { whole } from '../format/numbers';
import { clock, duration, secondsBetween } from '../format/time';
import type { RunPageFragment } from '../gql/graphql';
import styles from './details.module.css';

const OUTCOMES: Readonly<Record<string, string>> = {
	SUCCEEDED: 'done',
	FAILED: 'failed',
	CANCELLED: 'cancelled',
	RELEASED: 'handed back',
	EXPIRED: 'worker went silent; handed on',
};

/** Who carried the run, when, and how it ended. */
export function Attempts({ attempts }: { readonly attempts: RunPageFragment['attempts'] }) {
	return (
		<Section title="Attempts">
			{attempts.length === 0 ? (
				<p className={styles.none}>No worker has taken the run yet.</p>
			) : (
				<div className={table.scroll}>
					<table className={table.table}>
						<thead>
							<tr>
								<th scope="col">#</th>
								<th scope="col">Worker</th>
								<th scope="col">Began</th>
								<th scope="col">Outcome</th>
								<th scope="col" className={table.right}>
									Time
								</th>
							</tr>
						</thead>
						<tbody>
							{attempts.map((attempt) => (
								<tr key={attempt.number} data-testid="attempt-row">
									<td>{attempt.number}</td>
									<td>
										{attempt.worker?.name ?? 'a script'}
										{attempt.worker ? <span className={table.quiet}> {attempt.worker.backend}</span> : null}
									</td>
									<td className={table.quiet}>
										{clock(attempt.startedAt)}
										{attempt.resumedFromStep === null || attempt.number === 1
											? ''
											: `, from step ${whole(attempt.resumedFromStep)}`}
									</td>
									<td>
										{attempt.outcome === null
											? 'running'
											: (OUTCOMES[attempt.outcome] ?? attempt.outcome.toLowerCase())}
									</td>
									<td className={table.right}>{duration(secondsBetween(attempt.startedAt, attempt.endedAt))}</td>
								</tr>
							))}
						</tbody>
					</table>
				</div>
			)}
		</Section>
	);
}
