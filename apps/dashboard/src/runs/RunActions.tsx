'use client';

import { useState } from 'react';
import { Button } from '../design/Button';
import { type Changeable, possibleChanges, type RunChange } from './possible-changes';
import styles from './RunActions.module.css';
import { useChangeRuns } from './use-change-runs';

const WORDS: Readonly<Record<RunChange, string>> = {
	pause: 'Pause',
	resume: 'Resume',
	retry: 'Retry',
	continue: 'Continue',
	cancel: 'Cancel',
};

/** A row has room for one, and for none that asks back. */
const OF_A_ROW: readonly RunChange[] = ['resume', 'retry', 'cancel'];

/** What can be done with a run in its state. */
export function RunActions({ run, compact = false }: { readonly run: Changeable; readonly compact?: boolean }) {
	const { change, busy, refusal } = useChangeRuns();
	const possible = possibleChanges(run);
	const offered = compact ? OF_A_ROW.filter((what) => possible.includes(what)).slice(0, 1) : possible;
	return (
		<span className={styles.actions}>
			{offered.map((what) =>
				what === 'continue' ? (
					<ContinueForm key={what} busy={busy} onContinue={(epochs) => change(what, [run.id], epochs)} />
				) : (
					<Button
						key={what}
						look={compact ? 'plain' : 'outlined'}
						disabled={busy}
						onClick={() => change(what, [run.id])}
					>
						{WORDS[what]}
					</Button>
				),
			)}
			{refusal ? (
				<span role="alert" className={compact ? 'visually-hidden' : styles.refusal}>
					{refusal}
				</span>
			) : null}
		</span>
	);
}

const EPOCHS_TO_ADD = 5;

/** From the checkpoint of the run's end, for so many epochs more. */
function ContinueForm(props: { readonly busy: boolean; readonly onContinue: (epochs: number) => void }) {
	const [epochs, setEpochs] = useState(String(EPOCHS_TO_ADD));
	return (
		<form
			className={styles.continue}
			onSubmit={(event) => {
				event.preventDefault();
				props.onContinue(Number(epochs));
			}}
		>
			<Button type="submit" disabled={props.busy}>
				Continue
			</Button>
			<label>
				for{' '}
				<input
					type="number"
					min={1}
					max={100_000}
					step={1}
					required
					value={epochs}
					onChange={(event) => setEpochs(event.target.value)}
				/>{' '}
				more epochs
			</label>
		</form>
	);
}

/** The same for many runs; the second press is the one that acts. */
export function BulkActions({ runs }: { readonly runs: readonly Changeable[] }) {
	const { change, busy, refusal } = useChangeRuns();
	const [asking, setAsking] = useState<'cancel' | 'retry' | null>(null);
	const able = {
		cancel: runs.filter((run) => possibleChanges(run).includes('cancel')),
		retry: runs.filter((run) => possibleChanges(run).includes('retry')),
	};
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
							? `Yes, ${WORDS[what].toLowerCase()} ${able[what].length} ${able[what].length === 1 ? 'run' : 'runs'}`
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
