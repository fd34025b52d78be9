import type { ReactNode } from 'react';
import table from './table.module.css';

/** Holds a table that may be wider than the page: the arrow keys scroll it, too. */
export function TableScroll({ label, children }: { readonly label: string; readonly children: ReactNode }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: without a link inside, a keyboard could not reach what is cut off
		<section className={table.scroll} aria-label={label} tabIndex={0}>
			{children}
		</section>
	);
}
