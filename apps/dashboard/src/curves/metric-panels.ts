import { OWN_MEASURE } from '@graft/domain/dataset';

export interface MetricPanel {
	readonly title: string;
	readonly keys: readonly string[];
}

const SPLITS = ['train', 'val', 'test'] as const;
/** What tasks are judged by. */
const DECIDING: ReadonlySet<string> = new Set(Object.values(OWN_MEASURE));
/** Measures whose key is an abbreviation. */
const TITLES: Readonly<Record<string, string>> = { mae: 'Mean absolute error' };
/** Bookkeeping that trainers log beside the measures: a chart of the epoch by the step says nothing. */
const BOOKKEEPING: ReadonlySet<string> = new Set(['epoch', 'examples', 'step']);
export const isBookkeeping = (key: string): boolean => BOOKKEEPING.has(key);

/** One chart a measure: `train_loss` and `val_loss` stand together. What decides first (accuracy, how far a regression is off, perplexity), then loss, then by name. */
export function metricPanels(keys: readonly string[]): MetricPanel[] {
	const panels = new Map<string, string[]>();
	for (const key of keys) {
		if (BOOKKEEPING.has(key)) continue;
		const split = SPLITS.find((name) => key.startsWith(`${name}_`));
		// A test value is measured once at the end: a point beside the course, not a course.
		const measure = split ? key.slice(split.length + 1) : key;
		const known = panels.get(measure);
		if (known) known.push(key);
		else panels.set(measure, [key]);
	}
	const place = (key: string) => {
		const split = SPLITS.findIndex((name) => key.startsWith(`${name}_`));
		return split < 0 ? SPLITS.length : split;
	};
	const rank = (measure: string) => (DECIDING.has(measure) ? 0 : measure === 'loss' ? 1 : 2);
	return [...panels]
		.sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1))
		.map(([measure, members]) => ({
			title: TITLES[measure] ?? measure.replaceAll('_', ' ').replace(/^./, (letter) => letter.toUpperCase()),
			keys: members.sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1)),
		}));
}
