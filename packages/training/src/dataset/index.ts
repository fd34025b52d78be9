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
