import { badRow, numberCell, type Row, textCell } from './row.js';

/** One column of a table, row by row, and then as inputs of a network. */
export interface FeatureColumn {
	readonly name: string;
	readonly add: (row: Row) => void;
	/** By what the train rows hold: nothing of the others is known before. */
	readonly encoder: (train: readonly number[]) => FeatureEncoder;
}

export interface FeatureEncoder {
	readonly units: number;
	readonly write: (row: number, inputs: Float32Array, at: number) => void;
}

interface ColumnOptions {
	readonly categorical: readonly string[];
	readonly standardize: boolean;
	readonly missing: 'refuse' | 'mean';
}

export const columnsOf = (names: readonly string[], options: ColumnOptions): readonly FeatureColumn[] =>
	names.map((name) => (options.categorical.includes(name) ? wordColumn(name) : numberColumn(name, options)));

/** An empty cell is NaN until the mean is known. */
function numberColumn(name: string, { standardize, missing }: ColumnOptions): FeatureColumn {
	const values: number[] = [];
	return {
		name,
		add: (row) => {
			const value = numberCell(row, name);
			if (value === null && missing === 'refuse') {
				badRow(row.place, `there is no number in the column ${name} (option missing: "mean" takes the mean)`);
			}
			values.push(value ?? Number.NaN);
		},
		encoder: (train) => {
			const known = train.map((row) => values[row] ?? Number.NaN).filter((value) => !Number.isNaN(value));
			const mean = known.reduce((sum, value) => sum + value, 0) / Math.max(1, known.length);
			const variance = known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, known.length);
			// A column that does not vary says nothing, and has no deviation to divide by.
			const [shift, scale] = standardize ? [mean, Math.sqrt(variance) || 1] : [0, 1];
			const filled = (value: number | undefined) => (value === undefined || Number.isNaN(value) ? mean : value);
			return {
				units: 1,
				write: (row, inputs, at) => {
					inputs[at] = (filled(values[row]) - shift) / scale;
				},
			};
		},
	};
}

/** Words that the train split does not have are none of the inputs. */
function wordColumn(name: string): FeatureColumn {
	const numbers = new Map<string, number>();
	const words: number[] = [];
	return {
		name,
		add: (row) => {
			const word = textCell(row, name) ?? '';
			const number = numbers.get(word) ?? numbers.size;
			numbers.set(word, number);
			words.push(number);
		},
		encoder: (train) => {
			const seen = new Set(train.map((row) => words[row]));
			const known = [...numbers].filter(([, number]) => seen.has(number)).sort(([a], [b]) => (a < b ? -1 : 1));
			const places = new Map(known.map(([, number], place) => [number, place]));
			return {
				units: known.length,
				write: (row, inputs, at) => {
					const place = places.get(words[row] ?? -1);
					if (place !== undefined) inputs[at + place] = 1;
				},
			};
		},
	};
}
