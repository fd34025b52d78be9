'use client';

import { useState } from 'react';
import { AskedButton } from '../design/AskedButton';
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
	delete: 'Delete',
	restore: 'Restore',
};

/** A row has room for one, and for none that asks back. */
const OF_A_ROW: readonly RunChange[] = ['restore', 'resume', 'retry', 'cancel'];

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
				) : what === 'delete' ? (
					<AskedButton
						key={what}
						label="Delete"
						question="Yes, delete it"
						disabled={busy}
						onConfirm={() => change(what, [run.id])}
					/>
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

const BULK = ['retry', 'cancel', 'delete', 'restore'] as const;
const OF_MANY: Readonly<Record<(typeof BULK)[number], string>> = {
	retry: 'Retry failed and cancelled',
	cancel: 'Cancel unfinished',
	delete: 'Delete',
	restore: 'Restore',
};

/** The same for many runs; the second press is the one that acts. */
export function BulkActions({
	runs,
	offer = ['retry', 'cancel'],
}: {
	readonly runs: readonly Changeable[];
	readonly offer?: readonly (typeof BULK)[number][];
}) {
	const { change, busy, refusal } = useChangeRuns();
	return (
		<span className={styles.actions}>
			{BULK.filter((what) => offer.includes(what)).map((what) => {
				const able = runs.filter((run) => possibleChanges(run).includes(what));
				if (able.length === 0) return null;
				return (
					<AskedButton
						key={what}
						label={`${OF_MANY[what]} (${able.length})`}
						question={`Yes, ${WORDS[what].toLowerCase()} ${able.length} ${able.length === 1 ? 'run' : 'runs'}`}
						disabled={busy}
						onConfirm={() =>
							change(
								what,
								able.map((run) => run.id),
							)
						}
					/>
				);
			})}
			{refusal ? (
				<span role="alert" className={styles.refusal}>
					{refusal}
				</span>
			) : null}
		</span>
	);
}
