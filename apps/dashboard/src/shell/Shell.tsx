'use client';

import Link from 'next/link';
import { usePathname } from 'next/navigation';
import type { ReactNode } from 'react';
import { ConnectionMark } from './ConnectionMark';
import { OfflineBanner } from './OfflineBanner';
import { isInPlace, PLACES } from './places';
import styles from './Shell.module.css';
import { ThemeSwitch } from './ThemeSwitch';

/** The frame around every page: the rail with its six places, and the page. */
export function Shell({ children }: { readonly children: ReactNode }) {
	const path = usePathname();
	return (
		<div className={styles.shell}>
			<a className={styles.skip} href="#content">
				Skip to content
			</a>
			<header className={styles.rail}>
				<Link href="/" className={styles.brand} aria-label="Graft, to the experiments">
					<svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
						<path className={styles.stock} d="M11 21V12" />
						<path className={styles.stock} d="M11 13.5 4.5 8.5V2" />
						<path className={styles.scion} d="M11 13.5 17.5 8.5V2" />
					</svg>
					<span>Graft</span>
				</Link>
				<nav aria-label="Places">
					<ul className={styles.places}>
						{PLACES.map(({ href, name, drawing }) => (
							<li key={href}>
								<Link href={href} className={styles.place} aria-current={isInPlace(path, href) ? 'page' : undefined}>
									<svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
										{drawing}
									</svg>
									{name}
								</Link>
							</li>
						))}
					</ul>
				</nav>
				<div className={styles.foot}>
					<ConnectionMark />
					<ThemeSwitch />
				</div>
			</header>
			<main id="content" className={styles.content} tabIndex={-1}>
				{children}
			</main>
			<OfflineBanner />
		</div>
	);
}
