import { GraftError } from '@graft/domain/error';

/** One row of a table, whatever the file: cells by the names of their columns. */
export interface Row {
	/** `reviews.csv, line 7`: for messages. */
	readonly place: string;
	readonly cells: Readonly<Record<string, unknown>>;
}

/** @throws GraftError DATA that begins with where the row stands. */
export function badRow(place: string, what: string): never {
	throw new GraftError('DATA', `${place}: ${what}.`, { place });
}

/** The cell as a text; null where there is nothing in it. @throws GraftError DATA where the row has no such column. */
export function textCell({ cells, place }: Row, column: string): string | null {
	const value = cellOf(cells, place, column);
	if (value === null || value === '') return null;
	if (typeof value === 'string') return value;
	if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value);
	if (value instanceof Uint8Array) return decoded(value, place, column);
	return badRow(place, `the column ${column} holds ${JSON.stringify(value)}, which is no text`);
}

/** The cell as a number; null where there is nothing in it. @throws GraftError DATA where it is none. */
export function numberCell({ cells, place }: Row, column: string): number | null {
	const value = cellOf(cells, place, column);
	if (value === null || value === '') return null;
	if (typeof value === 'boolean') return value ? 1 : 0;
	const isText = typeof value === 'string' && value.trim() !== '';
	const number = isText || typeof value === 'number' || typeof value === 'bigint' ? Number(value) : Number.NaN;
	if (Number.isFinite(number)) return number;
	return badRow(place, `the column ${column} holds ${shown(value)}, which is no number`);
}

function cellOf(cells: Row['cells'], place: string, column: string): unknown {
	if (!Object.hasOwn(cells, column)) {
		const names = Object.keys(cells);
		const some = names.length > 8 ? `${names.slice(0, 8).join(', ')} …` : names.join(', ');
		badRow(place, `there is no column ${column}; there is ${some || 'none'}`);
	}
	return cells[column] ?? null;
}

function decoded(bytes: Uint8Array, place: string, column: string): string {
	try {
		return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		return badRow(place, `the column ${column} holds bytes that are not UTF-8 text`);
	}
}

const shown = (value: unknown): string =>
	typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : String(value);
