import { type RefObject, useEffect, useState } from 'react';

/** Drawn a little before it is scrolled to. */
const MARGIN = '200px';

/** Whether the element is in sight, or nearly. */
export function useInView(element: RefObject<HTMLElement | null>): boolean {
	const [isSeen, setSeen] = useState(false);
	useEffect(() => {
		if (!element.current) return;
		const observer = new IntersectionObserver((entries) => setSeen(entries.at(-1)?.isIntersecting ?? false), {
			rootMargin: MARGIN,
		});
		observer.observe(element.current);
		return () => observer.disconnect();
	}, [element]);
	return isSeen;
}
