'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useGraft } from '../connection/GraftProvider';
import { ask } from '../connection/use-graft-query';
import { AskedButton } from '../design/AskedButton';
import { Button } from '../design/Button';
import { DeleteExperimentDocument, RestoreExperimentDocument } from '../gql/graphql';
import styles from '../runs/RunActions.module.css';

/** Into the trash, with all its runs, or out of it. */
export function ExperimentActions({ id, deletedAt }: { readonly id: string; readonly deletedAt: string | null }) {
	const graft = useGraft();
	const queries = useQueryClient();
	const { mutate, isPending, error } = useMutation({
		mutationFn: async (what: 'delete' | 'restore') => {
			const result =
				what === 'delete'
					? (await ask(graft, DeleteExperimentDocument, { id })).deleteExperiment
					: (await ask(graft, RestoreExperimentDocument, { id })).restoreExperiment;
			if (result.__typename !== 'ExperimentChanged') throw new Error(result.message);
		},
		onSettled: () => queries.invalidateQueries(),
	});
	return (
		<span className={styles.actions}>
			{deletedAt === null ? (
				<AskedButton
					label="Delete"
					question="Yes, delete it with its runs"
					disabled={isPending}
					onConfirm={() => mutate('delete')}
				/>
			) : (
				<Button disabled={isPending} onClick={() => mutate('restore')}>
					Restore
				</Button>
			)}
			{error ? (
				<span role="alert" className={styles.refusal}>
					{error.message}
				</span>
			) : null}
		</span>
	);
}
