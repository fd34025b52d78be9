import type { InputSpec, Modality } from '../backbone/index.js';
import type { JsonObject } from '../json/index.js';

/** LANGUAGE_MODELING: the token that comes next is to be foretold, for each token of a text. */
export const TASKS = ['CLASSIFICATION', 'REGRESSION', 'LANGUAGE_MODELING'] as const;
export type Task = (typeof TASKS)[number];

/** What people call them. */
export const TASK_NAMES: Readonly<Record<Task, string>> = {
	CLASSIFICATION: 'classification',
	REGRESSION: 'regression',
	LANGUAGE_MODELING: 'language modelling',
};

/** What each task is judged by, beside the loss: the end of the metric's key. */
export const OWN_MEASURE: Readonly<Record<Task, 'accuracy' | 'mae' | 'perplexity'>> = {
	CLASSIFICATION: 'accuracy',
	REGRESSION: 'mae',
	LANGUAGE_MODELING: 'perplexity',
};

export interface DatasetSplit {
	readonly name: string;
	readonly examples: number;
	/** Examples of each class, in the order of `Dataset.classes`; null where there are none. */
	readonly classCounts: readonly number[] | null;
}

/** How a quantity is spread over the examples. */
export interface Distribution {
	/** `width`, `height`, `bytes`, `tokens`. */
	readonly name: string;
	/** `px`, `bytes`, `tokens`. */
	readonly unit: string;
	readonly min: number;
	readonly p5: number;
	readonly median: number;
	readonly p95: number;
	readonly max: number;
}

/** What was found at import, for people: nothing of it changes training. */
export interface DatasetStatistics {
	readonly bytes: number;
	readonly distributions: readonly Distribution[];
	readonly duplicates: {
		/** Examples whose content another example before them has. */
		readonly examples: number;
		/** Of these, those whose twin is in another split: what is tested was seen. */
		readonly acrossSplits: number;
		/** Names of examples with equal content; the first of them. */
		readonly groups: readonly (readonly string[])[];
	};
	/** Examples that cannot be read; they are left out. */
	readonly broken: { readonly count: number; readonly named: readonly BrokenExample[] };
}

export interface BrokenExample {
	readonly name: string;
	readonly reason: string;
}

/** Data that a trainer can read. Immutable: other bytes or other options make another version. */
export interface Dataset {
	readonly id: string;
	readonly name: string;
	/** sha256 over the bytes, the format and the options. */
	readonly version: string;
	readonly modality: Modality;
	readonly task: Task;
	readonly classes: readonly string[] | null;
	readonly splits: readonly DatasetSplit[];
	readonly input: InputSpec;
	/** Where a trainer reads it: `builtin:optdigits` (shipped with Graft) or `file:///…`. */
	readonly uri: string;
	/** How the bytes are read; `csv-image` is one image a row, pixel columns and a label column. */
	readonly format: string;
	readonly options: JsonObject;
	readonly attribution: string | null;
	/** Null where nothing was counted at import. */
	readonly statistics: DatasetStatistics | null;
	readonly createdAt: Date;
}

/** Units of the last layer that the data ask for: one a class, or a single one for a regression; none without labels. */
export const outputsOf = ({ task, classes }: Pick<Dataset, 'task' | 'classes'>): number =>
	task === 'REGRESSION' ? 1 : (classes?.length ?? 0);
