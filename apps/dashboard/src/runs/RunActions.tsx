'use client';

import type { RunStatus } from '@graft/domain/run';
import { nextStatus } from '@graft/domain/run';
import { useState } from 'react';
import { Button } from '../design/Button';
import styles from './RunActions.module.css';
import { useChangeRuns } from './use-change-runs';

interface Changeable {
	readonly id: string;
	readonly status: RunStatus;
	readonly cancelRequested: boolean;
}

/** What can be done with a run in its state: the domain's own table says. */
export function RunActions({ run, compact = false }: { readonly run: Changeable; readonly compact?: boolean }) {
	const { change, busy, refusal } = useChangeRuns();
	const canCancel = nextStatus(run.status, 'cancel') !== null && !run.cancelRequested;
	const canRetry = nextStatus(run.status, 'retry') !== null;
	const look = compact ? 'plain' : 'outlined';
	return (
		<span className={styles.actions}>
			{canCancel ? (
				<Button look={look} disabled={busy} onClick={() => change('cancel', [run.id])}>
					Cancel
				</Button>
			) : null}
			{canRetry ? (
				<Button look={look} disabled={busy} onClick={() => change('retry', [run.id])}>
					Retry
				</Button>
			) : null}
			{refusal ? (
				<span role="alert" className={compact ? 'visually-hidden' : styles.refusal}>
					{refusal}
				</span>
			) : null}
		</span>
	);
}

/** The same for many runs; the second press is the one that acts. */
export function BulkActions({ runs }: { readonly runs: readonly Changeable[] }) {
	const { change, busy, refusal } = useChangeRuns();
	const [asking, setAsking] = useState<'cancel' | 'retry' | null>(null);
	const able = {
		cancel: runs.filter((run) => nextStatus(run.status, 'cancel') !== null && !run.cancelRequested),
		retry: runs.filter((run) => nextStatus(run.status, 'retry') !== null),
	};
	const words = { cancel: 'Cancel', retry: 'Retry' };
	return (
		<span className={styles.actions}>
			{(['retry', 'cancel'] as const).map((what) =>
				able[what].length === 0 ? null : (
					<Button
						key={what}
						disabled={busy}
						onBlur={() => setAsking(null)}
						onClick={() => {
							if (asking === what) {
								setAsking(null);
								change(
									what,
									able[what].map((run) => run.id),
								);
							} else setAsking(what);
						}}
					>
						{asking === what
							? `Yes, ${words[what].toLowerCase()} ${able[what].length} ${able[what].length === 1 ? 'run' : 'runs'}`
							: what === 'retry'
								? `Retry failed and cancelled (${able.retry.length})`
								: `Cancel unfinished (${able.cancel.length})`}
					</Button>
				),
			)}
			{refusal ? (
				<span role="alert" className={styles.refusal}>
					{refusal}
				</span>
			) : null}
		</span>
	);
}
