'use client';

import { useNow } from '../connection/use-now';
import { ago } from '../format/time';
import styles from './TrashNote.module.css';

/** Says that a page's subject was deleted, and that it can be had back. */
export function TrashNote({ what, deletedAt }: { readonly what: string; readonly deletedAt: string }) {
	const now = useNow(10_000);
	return (
		<p className={styles.note} role="status">
			{what} is in the trash{now === null ? '' : ` since ${ago(deletedAt, now)}`}. It can be restored for 7 days after
			it was deleted (or as GRAFT_TRASH_DAYS says); then its points, logs and files go for good.
		</p>
	);
}
