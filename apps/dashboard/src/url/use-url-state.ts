'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

/**
 * A piece of state that lives in the URL, so that a link shows what its sender saw. The default is left out of it.
 * Changes replace the entry of the history: Back leaves the page and does not walk through filters.
 */
export function useUrlState(key: string, fallback: string): readonly [string, (value: string) => void] {
	const params = useSearchParams();
	const set = useCallback(
		(value: string) => {
			const next = new URLSearchParams(window.location.search);
			if (value === fallback) next.delete(key);
			else next.set(key, value);
			const query = next.toString();
			window.history.replaceState(null, '', query ? `?${query}` : window.location.pathname);
		},
		[key, fallback],
	);
	return [params.get(key) ?? fallback, set];
}

/** A set of words in one parameter, joined by commas. */
export function useUrlSet(key: string): readonly [ReadonlySet<string>, (value: string) => void] {
	const [text, setText] = useUrlState(key, '');
	const set = new Set(text === '' ? [] : text.split(','));
	const toggle = (value: string) => {
		const next = new Set(set);
		if (!next.delete(value)) next.add(value);
		setText([...next].join(','));
	};
	return [set, toggle];
}
