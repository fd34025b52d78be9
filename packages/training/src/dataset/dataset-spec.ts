import type { Modality } from '@graft/domain/backbone';
import type { DatasetSplit, DatasetStatistics, Task } from '@graft/domain/dataset';
import type { JsonObject } from '@graft/domain/json';
import type { View } from '../pipeline/image-jobs.js';

/** Where data are and how they are read. */
export interface DatasetSource {
	/** `builtin:optdigits` or `file:///…`. */
	readonly uri: string;
	/** The name of a `DatasetFormat`. */
	readonly format: string;
	readonly options: JsonObject;
}

/** A registered data set: bytes that no longer match the version are refused. */
export interface VersionedSource extends DatasetSource {
	readonly version: string;
}

/** What is to be registered about data. */
export interface DatasetInspection {
	/** sha256 over the content's digest, the format and the options. */
	readonly version: string;
	readonly modality: Modality;
	readonly task: Task;
	/** Null for a regression and for data without labels. */
	readonly classes: readonly string[] | null;
	readonly splits: readonly DatasetSplit[];
	/** Null where the backbone decides it. */
	readonly inputShape: readonly number[] | null;
	readonly attribution: string | null;
	/** Null where the format has nothing more to tell. */
	readonly statistics: DatasetStatistics | null;
}

export const SPLIT_NAMES = ['train', 'validation', 'test'] as const;
export type SplitName = (typeof SPLIT_NAMES)[number];

/**
 * One number an example: the index of its class, or the number itself where it is a regression's. Where tokens are to be
 * foretold, one for each token: the id of the next one, -1 where none counts.
 */
export type Labels = Int32Array | Float32Array;

/** Examples of one split, one after the other. */
export interface Examples {
	readonly count: number;
	/** `count` times the input shape, as the network takes them; or who reads them when they are wanted. */
	readonly inputs: Float32Array | InputReader;
	readonly labels: Labels;
}

/** Examples whose inputs lie one after the other. */
export interface MemoryExamples extends Examples {
	readonly inputs: Float32Array;
}

/** Inputs that do not lie in main memory. */
export interface InputReader {
	/** Batches worth reading before they are needed. */
	readonly ahead: number;
	/** Of texts: the largest id of a token and of a segment. */
	readonly largest?: readonly [token: number, segment: number];
	/** Inputs of the examples at these positions, changed as the view says, one after the other. @throws GraftError DATA where they have changed. */
	readonly read: (positions: readonly number[], view: View | null) => Promise<Float32Array>;
}

/** What a network is trained on. */
export interface DatasetContent {
	/** Empty for a regression and for data without labels. */
	readonly classes: readonly string[];
	readonly inputShape: readonly number[];
	readonly splits: Readonly<Record<SplitName, Examples>>;
	readonly attribution: string | null;
	/** How pixels were made ready, where the backbone chose it; the version does not cover it. */
	readonly preprocessing?: string;
}

export interface LoadedDataset extends DatasetContent {
	readonly version: string;
}
