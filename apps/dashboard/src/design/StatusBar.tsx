import type { RunStatus } from '@graft/domain/run';
import styles from './StatusBar.module.css';
import { STATUS_WORDS, StatusGlyph } from './StatusMark';

export interface StatusCount {
	readonly status: RunStatus;
	readonly count: number;
}

const ORDER: readonly RunStatus[] = ['SUCCEEDED', 'PRUNED', 'CANCELLED', 'FAILED', 'RUNNING', 'PAUSED', 'QUEUED'];

/** How far a set of runs is: one bar in the runs' states, and the same in words. */
export function StatusBar({
	counts,
	words = true,
}: {
	readonly counts: readonly StatusCount[];
	readonly words?: boolean;
}) {
	const present = ORDER.map((status) => ({
		status,
		count: counts.find((entry) => entry.status === status)?.count ?? 0,
	})).filter(({ count }) => count > 0);
	const text = present.map(({ status, count }) => `${count} ${STATUS_WORDS[status].toLowerCase()}`).join(', ');
	return (
		<div className={styles.whole}>
			<div className={styles.bar} role="img" aria-label={text || 'No runs yet'}>
				{present.map(({ status, count }) => (
					<span key={status} data-status={status} style={{ flexGrow: count }} />
				))}
			</div>
			{words ? (
				<ul className={styles.words}>
					{present.map(({ status, count }) => (
						<li key={status}>
							<StatusGlyph status={status} /> {count} {STATUS_WORDS[status].toLowerCase()}
						</li>
					))}
				</ul>
			) : null}
		</div>
	);
}
