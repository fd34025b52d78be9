export type {
	DatasetInspection,
	DatasetSource,
	Examples,
	LoadedDataset,
	SplitName,
	VersionedSource,
} from './dataset-spec.js';
export { inspectDataset, loadDataset } from './load-dataset.js';
