import type { ReactNode } from 'react';
import styles from './Catalog.module.css';
import { Skeleton } from './State';

/** Things that are registered once and linked to: each a heading, a line about it, and what is known. */
export function Catalog({ children }: { readonly children: ReactNode }) {
	return <ul className={styles.list}>{children}</ul>;
}

export function CatalogLoading({ height }: { readonly height: number }) {
	return (
		<div className={styles.list}>
			<Skeleton height={height} />
			<Skeleton height={height} />
		</div>
	);
}

/** `id` is what links point to; the one that was followed is underlined. */
export function CatalogItem(item: {
	readonly id: string;
	readonly testId: string;
	readonly name: string;
	readonly about: ReactNode;
	readonly children: ReactNode;
}) {
	return (
		<li id={item.id} className={styles.item} data-testid={item.testId}>
			<div className={styles.head}>
				<h2>{item.name}</h2>
				<p>{item.about}</p>
			</div>
			{item.children}
		</li>
	);
}

export function CatalogFacts({ children }: { readonly children: ReactNode }) {
	return <dl className={styles.facts}>{children}</dl>;
}
