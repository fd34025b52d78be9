import { stripVTControlCharacters } from 'node:util';

export interface Column {
	readonly title: string;
	readonly align: 'left' | 'right';
}

const widthOf = (text: string): number => [...stripVTControlCharacters(text)].length;

/** Lines of a table: columns two spaces apart, numbers right-aligned, no trailing blanks. Cells may carry colours. */
export function renderTable(columns: readonly Column[], rows: readonly (readonly string[])[]): string[] {
	const all = [columns.map(({ title }) => title), ...rows];
	const widths = columns.map((_, index) => Math.max(...all.map((row) => widthOf(row[index] ?? ''))));
	return all.map((row) =>
		columns
			.map(({ align }, index) => {
				const cell = row[index] ?? '';
				const blanks = ' '.repeat((widths[index] ?? 0) - widthOf(cell));
				return align === 'left' ? cell + blanks : blanks + cell;
			})
			.join('  ')
			.trimEnd(),
	);
}
