import { GraftError } from '@graft/domain/error';
import { parse } from 'csv-parse/sync';
import type { CsvImageOptions } from './csv-image-options.js';

/** Rows of the classes that count, in the file's order. */
export interface ParsedImages {
	readonly classes: readonly string[];
	readonly inputs: Float32Array;
	readonly labels: Int32Array;
}

/** @throws GraftError DATA with the row (the header is row 1) and the column of what is wrong. */
export function parseCsvImage(bytes: Uint8Array, options: CsvImageOptions, uri: string): ParsedImages {
	const [header, ...rows] = readRows(bytes, uri);
	if (header === undefined || rows.length === 0) broken('has no rows', uri);
	const labelColumn = header.indexOf(options.label);
	if (labelColumn < 0) {
		broken(`has no column ${options.label} (option label); its columns are ${header.slice(0, 8).join(', ')} …`, uri);
	}
	const pixels = options.shape.reduce((product, size) => product * size, 1);
	if (header.length - 1 !== pixels) {
		const shape = options.shape.join(' x ');
		broken(`has ${header.length - 1} pixel columns, but images of ${shape} need ${pixels} (option shape)`, uri);
	}
	rows.forEach((row, index) => {
		if (row.length !== header.length) {
			broken(`has ${row.length} cells in row ${index + 2}, but ${header.length} columns`, uri, { row: index + 2 });
		}
	});
	const classes = options.classes ?? [...new Set(rows.map((row) => row[labelColumn] ?? ''))].sort();
	if (classes.length < 2) broken(`has ${classes.length} class (${classes.join()}); training needs two at least`, uri);
	const classIndex = new Map(classes.map((name, index) => [name, index]));
	const inputs: number[] = [];
	const labels: number[] = [];
	rows.forEach((row, index) => {
		const label = classIndex.get(row[labelColumn] ?? '');
		if (label === undefined) return;
		labels.push(label);
		row.forEach((cell, column) => {
			if (column !== labelColumn) inputs.push(pixel(cell, index + 2, header[column] ?? '', options.scale, uri));
		});
	});
	const missing = classes.filter((_, index) => !labels.includes(index));
	if (missing.length > 0) broken(`has no row of class ${missing.join(', ')}`, uri);
	return { classes, inputs: Float32Array.from(inputs), labels: Int32Array.from(labels) };
}

function readRows(bytes: Uint8Array, uri: string): string[][] {
	let text: string;
	try {
		text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
	} catch {
		broken('is not UTF-8 text', uri);
	}
	try {
		// Ragged rows are let through here, so that the message can be ours.
		return parse(text, { relax_column_count: true, skip_empty_lines: true, trim: true }) as string[][];
	} catch (cause) {
		throw new GraftError('DATA', `${uri} is not CSV: ${(cause as Error).message}.`, { uri }, { cause });
	}
}

function pixel(cell: string, row: number, column: string, scale: number, uri: string): number {
	const value = cell === '' ? Number.NaN : Number(cell);
	if (value >= 0 && value <= scale) return value / scale;
	const what = Number.isFinite(value) ? `${cell}, outside 0 to ${scale} (option scale)` : `"${cell}", not a number`;
	broken(`has in row ${row}, column ${column} the value ${what}`, uri, { row, column });
}

function broken(what: string, uri: string, where: Readonly<Record<string, unknown>> = {}): never {
	throw new GraftError('DATA', `${uri} ${what}.`, { uri, ...where });
}
