import { type RefObject, useEffect, useRef, useState } from 'react';

/** Rows kept above and below the sight, so that a quick scroll shows no holes. */
const SPARE = 16;

/** Which rows of a tall table are in sight, by the page's own scroll. */
export function useWindowedRows<Body extends HTMLElement>(
	count: number,
	rowHeight: number,
): { readonly body: RefObject<Body | null>; readonly first: number; readonly last: number } {
	const body = useRef<Body>(null);
	const [range, setRange] = useState({ first: 0, last: 60 });
	useEffect(() => {
		let asked = 0;
		const measure = () => {
			asked = 0;
			if (!body.current) return;
			const top = -body.current.getBoundingClientRect().top;
			// In steps of eight rows: scrolling does not render at each pixel.
			const first = Math.max(0, Math.floor((Math.floor(top / rowHeight) - SPARE) / 8) * 8);
			const last = first + Math.ceil(window.innerHeight / rowHeight) + 2 * SPARE + 8;
			setRange((before) => (before.first === first && before.last === last ? before : { first, last }));
		};
		const ask = () => {
			asked ||= requestAnimationFrame(measure);
		};
		measure();
		window.addEventListener('scroll', ask, { passive: true });
		window.addEventListener('resize', ask);
		return () => {
			cancelAnimationFrame(asked);
			window.removeEventListener('scroll', ask);
			window.removeEventListener('resize', ask);
		};
	}, [rowHeight]);
	const first = Math.min(range.first, Math.max(0, count - 1));
	return { body, first, last: Math.min(count, range.last) };
}
