export type {
	DatasetInspection,
	DatasetSource,
	Examples,
	Labels,
	LoadedDataset,
	SplitName,
	VersionedSource,
} from './dataset-spec.js';
export { inspectDataset, loadDataset } from './load-dataset.js';
export { type TokenText, tokenDataset } from './token-dataset.js';
