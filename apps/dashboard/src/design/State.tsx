import type { ReactNode } from 'react';
import { Button } from './Button';
import { GraftCommand } from './GraftCommand';
import styles from './State.module.css';

/** Nothing here yet: what this place is for, and the arguments of the `graft` command that fills it. */
export function Empty(props: { readonly title: string; readonly children: ReactNode; readonly graft?: string }) {
	return (
		<div className={styles.state} data-testid="empty">
			<h2>{props.title}</h2>
			<p>{props.children}</p>
			{props.graft ? <GraftCommand args={props.graft} /> : null}
		</div>
	);
}

/** What failed, why, and what to do. */
export function Failed({ error, onRetry }: { readonly error: unknown; readonly onRetry?: () => void }) {
	return (
		<div className={`${styles.state} ${styles.failed}`} role="alert">
			<h2>This could not be shown</h2>
			<p>{error instanceof Error ? error.message : String(error)}</p>
			{onRetry ? <Button onClick={onRetry}>Try again</Button> : null}
		</div>
	);
}

/** A place held by what is on its way, in its size. */
export function Skeleton({
	width = '100%',
	height = 16,
	label,
}: {
	readonly width?: string | number;
	readonly height?: number;
	/** What a screen reader says in its place, where silence would leave a heading empty. */
	readonly label?: string;
}) {
	return (
		<span className={styles.skeleton} style={{ width, height }} data-skeleton="">
			{label === undefined ? null : <span className="visually-hidden">{label}</span>}
		</span>
	);
}

/** Rows of a table on their way. */
export function SkeletonRows({ rows, height }: { readonly rows: number; readonly height: number }) {
	return (
		<div className={styles.rows} role="status" aria-label="Loading">
			{Array.from({ length: rows }, (_, row) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: the rows are alike and never move.
				<div key={row} style={{ height }}>
					<Skeleton width={`${28 + ((row * 37) % 31)}%`} height={12} />
					<Skeleton width="12%" height={12} />
					<Skeleton width="18%" height={12} />
				</div>
			))}
		</div>
	);
}
