import type { RunStatus } from '@graft/domain/run';
import styles from './StatusMark.module.css';

export const STATUS_WORDS: Record<RunStatus, string> = {
	QUEUED: 'Queued',
	RUNNING: 'Running',
	PAUSED: 'Paused',
	SUCCEEDED: 'Done',
	FAILED: 'Failed',
	CANCELLED: 'Cancelled',
	PRUNED: 'Pruned',
};

/** A form and a word for each status, so that colour never stands alone. */
export function StatusMark({ status, stopping = false }: { readonly status: RunStatus; readonly stopping?: boolean }) {
	return (
		<span className={styles.mark} data-status={status}>
			<StatusGlyph status={status} />
			{stopping ? 'Stopping' : STATUS_WORDS[status]}
		</span>
	);
}

export function StatusGlyph({ status }: { readonly status: RunStatus }) {
	return (
		<svg className={styles.glyph} data-status={status} width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
			{glyphs[status]}
		</svg>
	);
}

const glyphs: Record<RunStatus, React.ReactNode> = {
	QUEUED: <circle cx="6" cy="6" r="4.25" />,
	RUNNING: (
		<>
			<circle cx="6" cy="6" r="4.25" className={styles.faint} />
			{/* It stands still: a turning mark in each row has the page laid out and painted at every frame. */}
			<path d="M6 1.75A4.25 4.25 0 0 1 10.25 6" />
			<circle cx="6" cy="6" r="1.5" className={styles.solid} />
		</>
	),
	PAUSED: <path d="M4.25 2.5v7M7.75 2.5v7" />,
	SUCCEEDED: <path d="m2.25 6.5 2.5 2.5 5-5.5" />,
	FAILED: <path d="m3 3 6 6M9 3 3 9" />,
	CANCELLED: <path d="M2.5 6h7" />,
	PRUNED: <path d="M3 2.5v4h5.5M6.5 4.5l2 2-2 2" />,
};
