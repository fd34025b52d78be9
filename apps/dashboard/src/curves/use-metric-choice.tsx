import { type ReactNode, useDeferredValue, useMemo, useState } from 'react';
import { Button } from '../design/Button';
import { SearchField } from '../design/SearchField';
import { whole } from '../format/numbers';
import { useUrlState } from '../url/use-url-state';
import styles from './use-metric-choice.module.css';

/** Charts that a page draws before it is asked for more: three screens of them. */
const PAGE = 12;

/**
 * Some of many charts: those whose words contain what was looked for, in either case, a page at a time. The search stands in
 * the URL; its field shows as soon as there are more charts than a page.
 */
export function useMetricChoice<Item>(
	items: readonly Item[],
	words: (item: Item) => string,
): { readonly shown: readonly Item[]; readonly tools: ReactNode; readonly more: ReactNode } {
	const [find, setFind] = useUrlState('find', '');
	const [pages, setPages] = useState(1);
	const sought = useDeferredValue(find).trim().toLowerCase();
	const texts = useMemo(() => items.map((item) => words(item).toLowerCase()), [items, words]);
	const matching = useMemo(
		() => (sought === '' ? items : items.filter((_, at) => texts[at]?.includes(sought))),
		[items, texts, sought],
	);
	const shown = useMemo(() => matching.slice(0, pages * PAGE), [matching, pages]);
	const many = items.length > PAGE;
	return {
		shown,
		tools: many ? (
			<SearchField
				label="Find a metric"
				value={find}
				onChange={(text) => {
					setFind(text);
					setPages(1);
				}}
			/>
		) : null,
		more: many ? (
			<p className={styles.more} role="status" data-testid="charts-shown">
				{matching.length === 0
					? `None of ${whole(items.length)} charts has a name with “${find}” in it.`
					: `${whole(shown.length)} of ${whole(matching.length)} charts. `}
				{shown.length < matching.length ? (
					<Button onClick={() => setPages((before) => before + 1)}>Show more</Button>
				) : null}
			</p>
		) : null,
	};
}
