export { findDataset, findDatasets, insertDataset, pageOfDatasets } from './dataset.repository.js';
