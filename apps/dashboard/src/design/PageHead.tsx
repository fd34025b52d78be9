import Link from 'next/link';
import type { ReactNode } from 'react';
import styles from './PageHead.module.css';

export interface Crumb {
	readonly href: string;
	readonly name: string;
}

/** Where one is, the title, a line below it, and actions at the right. */
export function PageHead(props: {
	readonly crumbs?: readonly Crumb[];
	readonly title: ReactNode;
	readonly lead?: ReactNode;
	readonly actions?: ReactNode;
}) {
	return (
		<div className={styles.head}>
			{props.crumbs ? (
				<nav aria-label="Where you are" className={styles.crumbs}>
					{props.crumbs.map(({ href, name }) => (
						<span key={href}>
							<Link href={href}>{name}</Link>
							<span aria-hidden="true"> / </span>
						</span>
					))}
				</nav>
			) : null}
			<div className={styles.line}>
				<h1>{props.title}</h1>
				{props.actions ? <div className={styles.actions}>{props.actions}</div> : null}
			</div>
			{props.lead ? <div className={styles.lead}>{props.lead}</div> : null}
		</div>
	);
}

/** A titled part of a page. */
export function Section(props: {
	readonly title: string;
	readonly note?: ReactNode;
	readonly tools?: ReactNode;
	readonly children: ReactNode;
}) {
	return (
		<section className={styles.section} aria-label={props.title}>
			<div className={styles.sectionHead}>
				<h2>{props.title}</h2>
				{props.note ? <span className={styles.note}>{props.note}</span> : null}
				{props.tools ? <div className={styles.tools}>{props.tools}</div> : null}
			</div>
			{props.children}
		</section>
	);
}
